import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import "@/theme/supply.css";
import { useConfirm } from "@/forms/form";
import { OfferMap, READ_ANEW } from "@/forms/offer-map";
import { OffersImport } from "@/forms/offers-import";
import { paths } from "@/paths";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { flag, oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { useChoices } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { type Offer, useColumns } from "./columns";
import { OfferPanel } from "./panel";
import { Suggestions } from "./suggest";

const QUERY = {
  supplier: text,
  state: oneOf("live", "held", "gone"),
  mapped: flag,
  stale: flag,
  text,
  after: text,
  show: text,
  open: oneOf("import", "suggest"),
};
const STAYS = { stays: ["show", "open"] };

/** What suppliers ask, and which SKU each of their products stands for. */
export default function Offers() {
  const { t } = useTranslation("offers");
  const may = useMay()("suppliers.write");
  const [{ show, open, after, ...narrowed }, change] = useUrl(QUERY, STAYS);
  const [chosen, choose] = useState<readonly Offer[]>([]);
  const [mapping, setMapping] = useState<readonly Offer[] | null>(null);
  const query = { ...narrowed, ...(after ? { after } : {}) };
  const asked = api.useQuery(
    "get",
    "/v1/offers",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const importing = <Button onClick={() => change({ open: "import" })}>{t("import")}</Button>;
  return (
    <Page
      title={t("title")}
      about={t("about")}
      acts={
        <>
          {may && (
            <Button type="primary" onClick={() => change({ open: "suggest" })}>
              {t("suggest")}
            </Button>
          )}
          {may && importing}
          <Link to={paths.prices()}>
            <Button>{t("board")}</Button>
          </Link>
        </>
      }
    >
      <List<Offer>
        name="offers"
        label={t("label")}
        columns={useColumns()}
        rows={asked.data?.offers}
        keyOf={(offer) => offer.id}
        asked={asked}
        total={asked.data?.total}
        more={asked.data?.more}
        cursor={{ name: "after", at: after, next: asked.data?.next_after }}
        linkOf={(offer) => link(offer.id)}
        opened={show}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() =>
          change({ supplier: null, state: null, mapped: null, stale: null, text: null })
        }
        filters={<Filters query={narrowed} change={change} />}
        {...(may
          ? {
              chosen: {
                keys: chosen.map(({ id }) => id),
                choose: (_: string[], rows: Offer[]) => choose(rows),
              },
              bulk: (
                <Bulk chosen={chosen} onMap={() => setMapping(chosen)} onDone={() => choose([])} />
              ),
            }
          : {})}
        empty={
          <Empty title={t("empty")} act={may && importing}>
            {t("empty_hint")}
          </Empty>
        }
      />
      <OfferPanel
        id={show}
        onClose={() => change({ show: null })}
        onMap={(offer) => setMapping([offer])}
      />
      <OfferMap
        offers={mapping}
        onClose={() => setMapping(null)}
        onDone={() => {
          setMapping(null);
          choose([]);
        }}
      />
      <OffersImport
        open={open === "import"}
        supplier={narrowed.supplier}
        onClose={() => change({ open: null })}
      />
      <Suggestions
        open={open === "suggest"}
        supplier={narrowed.supplier}
        onClose={() => change({ open: null })}
      />
    </Page>
  );
}

/** The same list, with this offer's details open. */
function link(id: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", id);
  return `${paths.offers()}?${given}`;
}

type Query = Omit<ReturnType<typeof useUrl<typeof QUERY>>[0], "show" | "open" | "after">;

function Filters({ query, change }: { query: Query; change: ReturnType<typeof useUrl>[1] }) {
  const { t } = useTranslation("offers");
  const states = useChoices("offer");
  const mapped = [
    { value: "false", label: t("filters.mapped_no") },
    { value: "true", label: t("filters.mapped_yes") },
  ];
  return (
    <>
      <Typed
        label={t("filters.text")}
        value={query.text}
        onChange={(next) => change({ text: next })}
      />
      <ChoiceOf
        of="supplier"
        label={t("filters.supplier")}
        value={query.supplier}
        onChange={(supplier) => change({ supplier })}
      />
      <Choice
        label={t("filters.mapped")}
        value={query.mapped === undefined ? undefined : String(query.mapped)}
        choices={mapped}
        onChange={(next) => change({ mapped: next })}
      />
      <Choice
        label={t("filters.state")}
        value={query.state}
        choices={states}
        onChange={(state) => change({ state })}
      />
      <Choice
        label={t("filters.stale")}
        value={query.stale ? "true" : undefined}
        choices={[{ value: "true", label: t("filters.stale_yes") }]}
        onChange={(stale) => change({ stale })}
      />
    </>
  );
}

/** What can be done with the chosen offers: map them to one SKU, or to none. */
function Bulk({
  chosen,
  onMap,
  onDone,
}: {
  chosen: readonly Offer[];
  onMap: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation("offers");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const unmap = () =>
    confirm({
      title: t("bulk.unmap_ask", { count: chosen.length }),
      about: t("bulk.unmap_about"),
      verb: t("bulk.unmap"),
      danger: true,
      send: async () => {
        const mappings = chosen.map(({ id }) => ({ offer_id: id, sku: null, units: 1 }));
        await http.POST("/v1/offers/map", { body: { mappings, despite: false } });
        await refresh(...READ_ANEW);
        onDone();
        say.done(t("map.outcome.unmapped"));
      },
    });
  return (
    <>
      <Button onClick={onMap}>{t("bulk.map")}</Button>
      <Button onClick={unmap}>{t("bulk.unmap")}</Button>
    </>
  );
}
