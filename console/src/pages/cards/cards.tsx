import "@/theme/stock.css";
import { SearchOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { shortId } from "@/pages/stock/things";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { useChoices } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { Bulk } from "./bulk";
import { useColumns } from "./columns";
import { CardPanel } from "./panel";

export type Found = components["schemas"]["FoundCard"];
type CardsAsked = components["schemas"]["CardsAsked"];

const STATES = [
  "available",
  "reserved",
  "allocated",
  "revealed",
  "redeemed",
  "quarantined",
  "void",
  "returned",
] as const;
const QUERY = {
  lot: text,
  order: text,
  state: oneOf(...STATES),
  after: text,
  show: text,
};
const SHORTEST = 2;
const MOST = 200;

/** Cards by whatever a clerk has of one. What is typed may be a card: it is in no URL. */
export default function Cards() {
  const { t } = useTranslation("cards");
  const [{ show, ...url }, change] = useUrl(QUERY);
  const [chosen, choose] = useState<Found[]>([]);
  const typed = useTyped();
  const listed = useListed(url);
  const byUrl = url.lot !== undefined || url.order !== undefined;
  const asked = byUrl ? listed : typed.asked;
  const rows = byUrl ? listed.data?.cards : typed.asked.data?.cards;
  const again = async () => {
    choose([]);
    await (byUrl ? listed.refetch() : typed.again());
  };
  const search = (q: string) => {
    choose([]);
    change({ lot: null, order: null, state: null, after: null, show: null });
    typed.find(q);
  };
  const states = useChoices("card");
  const columns = useColumns(!byUrl);
  return (
    <Page title={t("title")} about={t("about")}>
      <div className="stack">
        <Box onSearch={search} searching={typed.asked.isFetching} />
        {!byUrl && !typed.searched && <Empty title={t("box_label")}>{t("hint")}</Empty>}
        {(byUrl || typed.searched) && (
          <>
            {!byUrl && (rows?.length ?? 0) >= MOST && (
              <Alert type="info" showIcon title={t("many")} />
            )}
            <List<Found>
              name="cards"
              label={url.lot ? t("of_lot", { id: shortId(url.lot) }) : t("label")}
              columns={columns}
              rows={rows}
              keyOf={({ card }) => card.id}
              asked={asked}
              change={change}
              sorts={[]}
              {...(byUrl
                ? { cursor: { name: "after", at: url.after, next: listed.data?.next_after } }
                : {})}
              linkOf={({ card }) => link(card.id)}
              opened={show}
              filtered={url.state !== undefined}
              onClear={() => change({ state: null })}
              filters={
                byUrl && (
                  <>
                    <strong>
                      {url.lot ? t("of_lot", { id: shortId(url.lot) }) : t("of_order")}
                    </strong>
                    {url.lot && (
                      <Choice
                        label={t("state")}
                        value={url.state}
                        choices={states}
                        onChange={(state) => change({ state })}
                      />
                    )}
                  </>
                )
              }
              chosen={{
                keys: chosen.map(({ card }) => card.id),
                choose: (_, found) => choose(found),
              }}
              bulk={<Bulk cards={chosen.map(({ card }) => card)} onDone={() => void again()} />}
              empty={<Empty title={t("none")}>{t("none_hint")}</Empty>}
            />
          </>
        )}
      </div>
      <CardPanel
        cardId={show}
        onClose={() => change({ show: null })}
        onChanged={() => void again()}
      />
    </Page>
  );
}

function link(id: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", id);
  return `${paths.cards()}?${given}`;
}

/** One box: what somebody types or pastes is asked in a body, and held only here. */
function Box({ onSearch, searching }: { onSearch: (q: string) => void; searching: boolean }) {
  const { t } = useTranslation("cards");
  const [q, setQ] = useState("");
  return (
    <search className="card-search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (q.trim().length >= SHORTEST) onSearch(q);
        }}
      >
        <Input
          aria-label={t("box_label")}
          placeholder={t("box")}
          prefix={<SearchOutlined />}
          value={q}
          maxLength={2000}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          allowClear
          onChange={({ target }) => setQ(target.value)}
        />
        <Button type="primary" htmlType="submit" loading={searching}>
          {t("search")}
        </Button>
      </form>
      <span className="soft">{t("private")}</span>
    </search>
  );
}

async function find(body: CardsAsked) {
  const { data } = await http.POST("/v1/stock/cards/find", { body });
  return data;
}

/** What was typed last, and what was found: nothing of it is in the cache of answers. */
function useTyped() {
  const [q, setQ] = useState("");
  const found = useMutation({ gcTime: 0, mutationFn: (typed: string) => find({ q: typed }) });
  const asked = {
    isPending: found.isPending && found.data === undefined,
    isFetching: found.isPending,
    error: found.error,
    data: found.data,
    refetch: () => found.mutate(q),
  };
  return {
    asked,
    searched: q !== "",
    again: () => (q ? found.mutateAsync(q) : Promise.resolve(undefined)),
    find: (typed: string) => {
      setQ(typed);
      found.mutate(typed);
    },
  };
}

/** The cards of a lot, a page of them, or of an order: by ids, which may be in a URL. */
function useListed({
  lot,
  order,
  state,
  after,
}: Omit<ReturnType<typeof useUrl<typeof QUERY>>[0], "show">) {
  const body = lot
    ? { lot_id: lot, ...(state ? { state } : {}), ...(after ? { after } : {}) }
    : { ...(order ? { order_id: order } : {}) };
  return useQuery({
    queryKey: ["get", "/v1/stock/cards/find", body],
    enabled: lot !== undefined || order !== undefined,
    queryFn: () => find(body),
  });
}
