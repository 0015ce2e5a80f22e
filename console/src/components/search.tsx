import { SearchOutlined } from "@ant-design/icons";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Input, type InputRef, Modal } from "antd";
import { Fragment, type RefObject, useDeferredValue, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { leadTo } from "@/leads";
import { useKeys } from "@/ui/keys";
import { Money } from "@/ui/money";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { useSite } from "./navigation";

type Found = components["schemas"]["FoundShown"];

const SHORTEST = 2;
const ORDERS: readonly Found["kind"][] = ["order", "shop_order"]; // found by their end, too
const PAUSE_MS = 180;

/** One box for whatever somebody types or pastes, on every page: `/` or Ctrl+K. */
export function Search() {
  const { t } = useTranslation("shell");
  const [open, setOpen] = useState(false);
  useKeys({ "/": () => setOpen(true) });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  const early = useRef("");
  useEffect(() => {
    if (!open) return undefined;
    early.current = "";
    // Who types at once after `/` is faster than the box: what comes before it has the focus is
    // kept for it, and means no other key.
    const collect = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.key.length !== 1) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.stopPropagation();
      event.preventDefault();
      early.current += event.key;
    };
    document.addEventListener("keydown", collect, true);
    return () => document.removeEventListener("keydown", collect, true);
  }, [open]);
  return (
    <>
      <Button
        className="search-open"
        icon={<SearchOutlined />}
        onClick={() => setOpen(true)}
        aria-keyshortcuts="/"
      >
        <span className="wide-only">
          {t("search.open")} <kbd>/</kbd>
        </span>
        <span className="unseen narrow-only">{t("search.open")}</span>
      </Button>
      <Modal
        open={open}
        onCancel={() => setOpen(false)}
        footer={null}
        closable={false}
        title={<span className="unseen">{t("search.open")}</span>}
        width={640}
        style={{ top: 64 }}
        destroyOnHidden
      >
        <Finder early={early} onLeave={() => setOpen(false)} />
      </Modal>
    </>
  );
}

interface Hit {
  key: string;
  group: string;
  to: string | null;
  found: Found | null;
  title: string;
}

/** What is typed here may be a card: it goes in a body, and is kept nowhere. */
export function Finder({ early, onLeave }: { early: RefObject<string>; onLeave: () => void }) {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<InputRef>(null);
  const written = useDeferredValue(useSettled(typed.trim()));
  const asked = api.useQuery(
    "post",
    "/v1/search",
    { body: { q: written } },
    {
      enabled: written.length >= SHORTEST,
      placeholderData: keepPreviousData,
      gcTime: 0,
      staleTime: 0,
      retry: false,
    },
  );
  useEffect(() => {
    box.current?.focus();
    setTyped(early.current);
  }, [early]);
  const pages = usePageHits(typed.trim().toLowerCase());
  const groups = typed.trim().length >= SHORTEST ? (asked.data?.groups ?? []) : [];
  const hits: Hit[] = [
    ...pages,
    ...groups.flatMap(({ group, found }) =>
      found.map((one) => ({
        key: `${group}-${one.kind}-${one.id}`,
        group: t(`search.groups.${group}`),
        to: leadTo(one.kind, one),
        found: one,
        title: one.title,
      })),
    ),
  ];
  const chosen = Math.min(at, hits.length - 1);
  const go = (hit: Hit | undefined) => {
    if (!hit?.to) return;
    onLeave();
    navigate(hit.to);
  };
  const move = (by: number) => setAt((chosen + by + hits.length) % Math.max(1, hits.length));
  return (
    <div className="finder">
      <Input
        ref={box}
        size="large"
        prefix={<SearchOutlined />}
        placeholder={t("search.hint")}
        value={typed}
        maxLength={2000}
        autoComplete="off"
        role="combobox"
        aria-label={t("search.open")}
        aria-expanded={hits.length > 0}
        aria-controls="finder-hits"
        aria-activedescendant={hits[chosen] ? `hit-${chosen}` : undefined}
        onChange={({ target }) => {
          setTyped(target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return; // Enter ends a word of an input method
          if (event.key === "ArrowDown") move(1);
          else if (event.key === "ArrowUp") move(-1);
          else if (event.key === "Enter") go(hits[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ProblemNote error={written.length >= SHORTEST ? asked.error : null} />
      <div role="listbox" id="finder-hits" aria-label={t("search.found")} className="finder-hits">
        {hits.map((hit, place) => (
          <Fragment key={hit.key}>
            {hits[place - 1]?.group !== hit.group && (
              <div className="finder-group" role="presentation">
                {hit.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's */}
            <div
              id={`hit-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === chosen}
              aria-disabled={hit.to === null}
              className="finder-hit"
              onClick={() => go(hit)}
              onMouseMove={() => setAt(place)}
            >
              <HitLine hit={hit} typed={typed.trim()} />
            </div>
          </Fragment>
        ))}
      </div>
      <p className="soft" role="status">
        {status(t, typed, written, asked.isFetching, hits.length)}
      </p>
    </div>
  );
}

function status(
  t: ReturnType<typeof useTranslation<"shell">>["t"],
  typed: string,
  written: string,
  asking: boolean,
  count: number,
): string {
  if (typed.trim().length < SHORTEST) return t("search.about");
  if (asking || written !== typed.trim()) return t("search.asking");
  return count === 0 ? t("search.nothing") : t("search.keys");
}

function HitLine({ hit, typed }: { hit: Hit; typed: string }) {
  const { t } = useTranslation("shell");
  const { found } = hit;
  const begins = hit.title.length - typed.length;
  const byEnd = found && ORDERS.includes(found.kind) && begins > 0 && hit.title.endsWith(typed);
  return (
    <>
      <span className="finder-title">
        {byEnd ? hit.title.slice(0, begins) : hit.title}
        {byEnd && <mark>{typed}</mark>}
      </span>
      {byEnd && <span className="soft">{t("search.by_end")}</span>}
      <span className="soft finder-about">{found?.about}</span>
      {hit.to === null && <span className="soft">{t("search.no_page")}</span>}
      {found?.amount && <Money value={found.amount} />}
      {found?.at && <Time at={found.at} />}
    </>
  );
}

/** Pages by their names, in the reader's language. */
function usePageHits(typed: string): Hit[] {
  const { t } = useTranslation("shell");
  const site = useSite();
  if (typed.length < 1) return [];
  return site
    .flatMap(({ pages }) => pages)
    .map((page) => ({ page, title: t(`pages.${page.name}`) }))
    .filter(({ title }) => title.toLowerCase().includes(typed))
    .slice(0, 3)
    .map(({ page, title }) => ({
      key: page.path,
      group: t("search.pages"),
      to: page.path,
      found: null,
      title,
    }));
}

/** What was typed, once the typing pauses. */
function useSettled(typed: string): string {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const pause = setTimeout(() => setSettled(typed), PAUSE_MS);
    return () => clearTimeout(pause);
  }, [typed]);
  return settled;
}
