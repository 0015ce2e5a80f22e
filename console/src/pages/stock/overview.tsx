import "@/theme/stock.css";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Typed } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { formatCount } from "@/util/money";
import { Costs, useColumns } from "./columns";
import { ExpiryLegend } from "./expiry-bar";
import { SkuStock } from "./sku-stock";

export type SkuRow = components["schemas"]["SkuStockOut"];
type Totals = components["schemas"]["StockTotals"];

const NEEDS = ["out", "low", "expiring", "expired", "frozen", "slow"] as const;
const QUERY = {
  need: oneOf(...NEEDS),
  q: text,
  warehouse_id: text,
  supplier_id: text,
  sort: text,
  show: text,
};

/** What there is of each SKU, how long it lasts, and what wants to be looked at first. */
export default function Stock() {
  const { t } = useTranslation("stock");
  const { t: shell } = useTranslation("shell");
  const may = useMay();
  const navigate = useNavigate();
  const [{ show, sort, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/stock/skus",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const rows = asked.data?.skus;
  const bring = may("stock.import") && (
    <Button type="primary" onClick={() => navigate(paths.newImport())}>
      {shell("pages.import_new")}
    </Button>
  );
  return (
    <Page title={t("overview.title")} about={t("overview.about")} acts={bring}>
      <div className="stack">
        {asked.data && <Sums total={asked.data.total} />}
        <Needs total={asked.data?.total} need={query.need} onChange={(need) => change({ need })} />
        <List
          name="stock"
          label={t("overview.label")}
          columns={useColumns()}
          rows={rows}
          keyOf={({ sku }) => sku.id}
          asked={asked}
          sort={sort}
          change={change}
          linkOf={({ sku }) => link(sku.id)}
          opened={show}
          total={rows?.length}
          filtered={Object.keys(query).length > 0}
          onClear={() => change({ need: null, q: null, warehouse_id: null, supplier_id: null })}
          filters={
            <>
              <Typed label={t("overview.q")} value={query.q} onChange={(q) => change({ q })} />
              <ChoiceOf
                of="warehouse"
                by="id"
                label={t("overview.warehouse")}
                value={query.warehouse_id}
                onChange={(warehouse_id) => change({ warehouse_id })}
              />
              <ChoiceOf
                of="supplier"
                by="id"
                label={t("overview.supplier")}
                value={query.supplier_id}
                onChange={(supplier_id) => change({ supplier_id })}
              />
            </>
          }
          empty={
            <Empty title={t("overview.empty")} act={bring}>
              {t("overview.empty_hint")}
            </Empty>
          }
        />
        {(rows?.length ?? 0) > 0 && (
          <div className="under-list">
            <ExpiryLegend />
            <span className="soft">{t("overview.as_of", { day: asked.data?.as_of })}</span>
          </div>
        )}
      </div>
      <SkuStock skuId={show} onClose={() => change({ show: null })} />
    </Page>
  );
}

function link(skuId: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", skuId);
  return `${paths.stock()}?${given}`;
}

/** What all of it comes to, each a way to its rows. */
function Sums({ total }: { total: Totals }) {
  const { t } = useTranslation("stock");
  const soon = (total.by_expiry.within_7 ?? 0) + (total.by_expiry.within_30 ?? 0);
  return (
    <div className="figures-strip">
      <Figure
        name={t("overview.figures.available")}
        means={t("overview.figures.available_means")}
        value={<Count value={total.available} />}
        note={t("overview.figures.skus", { count: total.skus })}
      />
      <Figure
        name={t("overview.figures.reserved")}
        means={t("overview.figures.reserved_means")}
        value={<Count value={total.reserved} />}
        to={paths.reservations({ state: "held" })}
      />
      <Figure
        name={t("overview.figures.frozen")}
        means={t("overview.figures.frozen_means")}
        value={<Count value={total.frozen} />}
        to={paths.lots({ state: "frozen" })}
      />
      <Figure
        name={t("overview.figures.expiring")}
        means={t("overview.figures.expiring_means")}
        alarm={(total.by_expiry.within_7 ?? 0) > 0}
        value={<Count value={soon} />}
        to={paths.lots({ expiry: "30", sort: "expiry" })}
      />
      <Figure
        name={t("overview.figures.expired")}
        means={t("overview.figures.expired_means")}
        alarm={total.expired > 0}
        value={<Count value={total.expired} />}
        to={paths.lots({ expiry: "expired" })}
      />
      {total.costs && (
        <Figure
          name={t("overview.figures.cost")}
          means={t("overview.figures.cost_means")}
          value={<Costs costs={total.costs} />}
          to={paths.capital({ by: "sku" })}
        />
      )}
    </div>
  );
}

/** Why something wants to be looked at, with how many SKUs do; those first that stop sales. */
function Needs({
  total,
  need,
  onChange,
}: {
  total: Totals | undefined;
  need: (typeof NEEDS)[number] | undefined;
  onChange: (need: string | null) => void;
}) {
  const { t } = useTranslation("stock");
  const { t: states } = useTranslation("states");
  const shown = NEEDS.filter((each) => (total?.needs[each] ?? 0) > 0 || each === need);
  if (total === undefined || shown.length === 0) return null;
  return (
    <div className="scroll-line">
      <Segmented
        aria-label={t("overview.needs")}
        value={need ?? ""}
        onChange={(chosen) => onChange(chosen || null)}
        options={[
          { value: "", label: `${t("overview.all")} ${formatCount(total.skus)}` },
          ...shown.map((each) => ({
            value: each as string,
            label: `${states(`stock_need.${each}`)} ${formatCount(total.needs[each] ?? 0)}`,
          })),
        ]}
      />
    </div>
  );
}
