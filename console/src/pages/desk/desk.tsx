import { keepPreviousData, replaceEqualDeep, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Grid } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { useDeskCounts } from "@/components/desk-mark";
import { paths } from "@/paths";
import { Typed } from "@/table/filters";
import { type Asked, List } from "@/table/list";
import { flag, oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Empty } from "@/ui/empty";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/page";
import { ActChoice } from "./act-choice";
import { BulkNote } from "./bulk-note";
import { useColumns } from "./columns";
import { commonActs, isIn, pressed, useDeeds } from "./deeds";
import { KindFilter } from "./kind-filter";
import { ACTS, GROUP_NAMES, GROUPS, KINDS, keyOf, type Matter } from "./kinds";
import { MatterPanel } from "./panel";
import { useStay } from "./triage";

type DeskPage = components["schemas"]["DeskPage"];

const COUNTS = api.queryOptions("get", "/v1/desk/counts", {}).queryKey; // the badge's question
const QUERY = {
  group: oneOf(...GROUP_NAMES),
  kind: oneOf(...KINDS),
  store: text,
  sku: text,
  supplier: text,
  mine: flag,
  after: text,
  show: text,
  note: flag,
};
const EVERY_MS = 30_000; // what becomes late does so without anything happening

/** One queue of all that waits for a person, by deadline; it can be worked through by keyboard. */
export default function Desk() {
  const { t } = useTranslation("desk");
  const may = useMay();
  const [{ show, note, group, kind, ...query }, change] = useUrl(QUERY, {
    stays: ["show", "note"],
  });
  const kinds = kind ? [kind] : group && [...GROUPS[group]];
  const asked = api.useQuery(
    "get",
    "/v1/desk",
    { params: { query: { ...query, ...(kinds ? { kind: kinds } : {}) } } },
    { placeholderData: keepPreviousData, refetchInterval: EVERY_MS },
  );
  const rows = asked.data?.rows ?? NONE;
  const whole = !(query.store || query.sku || query.supplier || query.mine);
  useOneCount(whole && !asked.isPlaceholderData ? asked.data : undefined, asked.dataUpdatedAt);
  const narrow = Grid.useBreakpoint().sm === false;
  const columns = useColumns(narrow);
  const [keys, setKeys] = useState<readonly string[]>([]);
  const chosen = rows.filter((row) => keys.includes(keyOf(row)));
  const close = () => change({ show: null, note: null });
  const deeds = useDeeds((done) => {
    setKeys((kept) => kept.filter((key) => !isIn(done, key)));
    if (isIn(done, show)) close();
  });
  const place = useStay(rows, show !== undefined);
  const [choosing, setChoosing] = useState<Matter>();
  const opened = useOpened(rows, show);
  const at = () => opened.row ?? place.at() ?? undefined;
  const turn = (by: number) => {
    const now = rows.findIndex((row) => keyOf(row) === show);
    const next = rows[Math.max(0, Math.min(rows.length - 1, now + by))];
    if (show !== undefined && next) change({ show: keyOf(next), note: null });
  };
  useKeys({
    a: () => setChoosing(at()),
    n: () => {
      const row = at();
      if (row) change({ show: keyOf(row), note: true });
    },
    c: () => {
      const row = at();
      if (row && may(ACTS)) void deeds.take(chosen.length > 0 ? chosen : [row]);
    },
    x: () => {
      const row = place.at();
      if (row) setKeys((kept) => toggled(kept, keyOf(row)));
    },
    ...Object.fromEntries(WALK.map(([key, by]) => [key, () => turn(by)])),
  });
  const filtered = Boolean(
    group ?? kind ?? query.store ?? query.sku ?? query.supplier ?? query.mine,
  );
  return (
    <Page title={t("title")} about={t("about")} acts={<Hints />}>
      <KindFilter
        counts={asked.data?.counts ?? []}
        group={group}
        kind={kind}
        onChange={(narrowed) => change(narrowed)}
      />
      <div ref={place.box}>
        <List<Matter>
          name={narrow ? "desk-narrow" : "desk"}
          label={t("label")}
          columns={columns}
          rows={asked.data?.rows}
          keyOf={keyOf}
          asked={asked}
          change={change}
          cursor={{ name: "after", at: query.after, next: asked.data?.next_after }}
          linkOf={(row) => link(keyOf(row))}
          opened={show}
          total={asked.data?.total}
          filtered={filtered}
          onClear={() =>
            change({ group: null, kind: null, store: null, sku: null, supplier: null, mine: null })
          }
          filters={<Filters query={query} change={change} />}
          chosen={{ keys: chosen.map(keyOf), choose: (next) => setKeys(next) }}
          bulk={
            <>
              {commonActs(chosen).map((can) => (
                <Button
                  key={can.act}
                  {...pressed(deeds.doing, can.act)}
                  onClick={() => deeds.begin(can, chosen)}
                >
                  {t("bulk.act", { act: t(`acts.${can.act}`), count: chosen.length })}
                </Button>
              ))}
              {may(ACTS) && (
                <Button {...pressed(deeds.doing, "take")} onClick={() => deeds.take(chosen)}>
                  {t("who.take")}
                </Button>
              )}
              {may(ACTS) && <BulkNote rows={chosen} onDone={() => setKeys([])} />}
            </>
          }
          empty={<Empty title={t("empty")}>{t("empty_hint")}</Empty>}
        />
      </div>
      <MatterPanel
        row={opened.row}
        asked={opened.asked}
        gone={opened.gone && asked.isSuccess}
        open={show !== undefined}
        onClose={close}
        deeds={deeds}
        noting={note === true}
      />
      <ActChoice
        row={choosing}
        onClose={() => setChoosing(undefined)}
        onChoose={(can, row) => void deeds.begin(can, [row])}
      />
      {deeds.shown}
    </Page>
  );
}

const WALK = [
  ["ArrowRight", 1],
  ["ArrowLeft", -1],
] as const; // from one open row to the next
const NONE: readonly Matter[] = [];

function toggled(keys: readonly string[], key: string): string[] {
  return keys.includes(key) ? keys.filter((each) => each !== key) : [...keys, key];
}

/** The list and the badge are two questions: where the whole list is here, the badge says the same. */
function useOneCount(page: DeskPage | undefined, at: number): void {
  const queries = useQueryClient();
  const marked = useDeskCounts();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever either is answered
  useEffect(() => {
    if (page === undefined) return;
    const sum = (of: "count" | "overdue" | "soon") =>
      page.counts.reduce((all, each) => all + each[of], 0);
    const said = {
      total: sum("count"),
      overdue: sum("overdue"),
      soon: sum("soon"),
      counts: page.counts,
    };
    queries.setQueryData(COUNTS, (kept) => (replaceEqualDeep(kept, said) === kept ? kept : said));
  }, [at, marked.data]);
}

/** The row whose details are open; as it was last, where it has left the desk meanwhile. */
function useOpened(
  rows: readonly Matter[],
  show: string | undefined,
): { row: Matter | undefined; gone: boolean; asked: Asked } {
  const kept = useRef<Matter | undefined>(undefined);
  const [kind] = (show ?? "").split("~");
  const here = isIn(rows, show);
  // A link may be of a row on a later page.
  const wanted = KINDS.find((each) => each === kind);
  const asked = api.useQuery(
    "get",
    "/v1/desk",
    { params: { query: { kind: wanted ? [wanted] : [], limit: 200 } } },
    { enabled: show !== undefined && wanted !== undefined && here === undefined },
  );
  const found = here ?? isIn(asked.data?.rows ?? NONE, show);
  useEffect(() => {
    if (found) kept.current = found;
  }, [found]);
  const known = kept.current && keyOf(kept.current) === show ? kept.current : undefined;
  const sought = wanted === undefined || (asked.isSuccess && !asked.isFetching);
  return {
    row: found ?? known,
    gone: show !== undefined && found === undefined && sought,
    asked,
  };
}

/** The same queue, with this row's details open. */
function link(key: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", key);
  given.delete("note");
  return `${paths.desk()}?${given}`;
}

function Filters({
  query,
  change,
}: {
  query: { store?: string; sku?: string; supplier?: string; mine?: boolean };
  change: (patch: Record<string, string | boolean | null | undefined>) => void;
}) {
  const { t } = useTranslation("desk");
  const may = useMay();
  return (
    <>
      {may("orders.read") && (
        <ChoiceOf
          of="store"
          label={t("columns.store")}
          value={query.store}
          onChange={(store) => change({ store })}
        />
      )}
      <Typed
        label={t("filters.sku")}
        value={query.sku}
        onChange={(sku) => change({ sku })}
        width={132}
      />
      <Typed
        label={t("filters.supplier")}
        value={query.supplier}
        onChange={(supplier) => change({ supplier })}
        width={132}
      />
      <Checkbox
        checked={query.mine === true}
        onChange={({ target }) => change({ mine: target.checked || null })}
      >
        {t("filters.mine")}
      </Checkbox>
    </>
  );
}

/** The keys of this page, where they are needed. */
function Hints() {
  const { t } = useTranslation("desk");
  const keys = ["j", "k", "a", "n", "c", "x"] as const;
  return (
    <span className="desk-keys soft">
      {keys.map((key) => (
        <span key={key}>
          <kbd>{key.toUpperCase()}</kbd> {t(`keys.${key}`)}
        </span>
      ))}
    </span>
  );
}
