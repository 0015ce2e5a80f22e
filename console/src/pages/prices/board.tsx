import { keepPreviousData } from "@tanstack/react-query";
import { Button, Grid, Select, Space } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import "@/theme/supply.css";
import { PriceRules } from "@/forms/price-rules";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Typed } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl, whole } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { AlertStrip, AllAlerts, HeldStrip } from "./alerts";
import { BestCell, nameOf, type Prices, type Ranked, SupplierCell } from "./cell";
import { SkuPanel } from "./panel";

const QUERY = {
  text,
  quantity: whole,
  after: text,
  show: text,
  offer: text,
  open: oneOf("rules", "alerts"),
};
const STAYS = { stays: ["show", "offer", "open"] };
const QUANTITIES = [1, 10, 50, 100, 500];
const DAYS = 30;
const SUPPLIERS_SHOWN = 5; // columns; the others can be chosen
const AGAIN_MS = 60_000; // how fresh a price is changes without anything happening

/** What each SKU costs at each supplier, all told; the best marked, with its reason. */
export default function Board() {
  const { t } = useTranslation("prices");
  const [{ show, offer, open, after, quantity, text: typed }, change] = useUrl(QUERY, STAYS);
  const narrow = Grid.useBreakpoint().md === false;
  const query = {
    offered: true,
    days: DAYS,
    best: 20,
    ...(typed ? { text: typed } : {}),
    ...(quantity ? { quantity } : {}),
    ...(after ? { after } : {}),
  };
  const asked = api.useQuery(
    "get",
    "/v1/prices",
    { params: { query } },
    { placeholderData: keepPreviousData, refetchInterval: AGAIN_MS },
  );
  const rows = asked.data?.skus;
  const quantities = QUANTITIES.map((value) => ({
    value,
    label: t("board.of_quantity", { count: value }),
  }));
  return (
    <Page
      title={t("board.title")}
      about={t("board.about")}
      acts={
        <>
          <Link to={paths.offers()}>
            <Button>{t("board.offers")}</Button>
          </Link>
          <Button onClick={() => change({ open: "rules" })}>{t("board.rules")}</Button>
        </>
      }
    >
      <AlertStrip onAll={() => change({ open: "alerts" })} />
      <HeldStrip />
      <List<Prices>
        name="prices"
        label={t("board.label")}
        columns={useColumns(rows ?? [], narrow)}
        rows={rows}
        keyOf={(row) => row.sku}
        asked={asked}
        total={asked.data?.total}
        cursor={{ name: "after", at: after, next: asked.data?.next_after }}
        linkOf={(row) => linkTo(row.sku)}
        opened={show}
        filtered={typed !== undefined}
        onClear={() => change({ text: null })}
        filters={
          <>
            <Typed
              label={t("board.search")}
              value={typed}
              onChange={(next) => change({ text: next })}
            />
            <Select
              aria-label={t("board.quantity")}
              value={quantity ?? 1}
              options={quantities}
              onChange={(next) => change({ quantity: next === 1 ? null : next })}
              popupMatchSelectWidth={false}
              style={{ minWidth: 120 }}
            />
          </>
        }
        empty={
          <Empty
            title={t("board.empty")}
            act={
              <Space>
                <Link to={paths.suppliers()}>
                  <Button type="primary">{t("board.to_suppliers")}</Button>
                </Link>
                <Link to={paths.offers({ mapped: "false" })}>
                  <Button>{t("board.to_offers")}</Button>
                </Link>
              </Space>
            }
          >
            {t("board.empty_hint")}
          </Empty>
        }
      />
      <SkuPanel
        code={show}
        offer={offer}
        quantity={quantity ?? 1}
        onClose={() => change({ show: null, offer: null })}
      />
      <PriceRules open={open === "rules"} onClose={() => change({ open: null })} />
      <AllAlerts open={open === "alerts"} onClose={() => change({ open: null })} />
    </Page>
  );
}

/** The same board, with this SKU's details open; with one of its offers looked at. */
export function linkTo(sku: string, offer?: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", sku);
  given.delete("offer");
  if (offer) given.set("offer", offer);
  return `${paths.prices()}?${given}`;
}

function useColumns(rows: readonly Prices[], narrow: boolean): Column<Prices>[] {
  const { t } = useTranslation("prices");
  const suppliers = suppliersOf(rows);
  return [
    {
      name: "sku",
      title: t("board.sku"),
      of: (row) => (
        <span className="price-sku">
          {nameOf(row)}
          <span className="price-note code">{row.sku}</span>
        </span>
      ),
    },
    { name: "best", title: t("board.best"), of: (row) => <BestCell offers={row.offers} /> },
    ...suppliers.map(
      ([code, name], place): Column<Prices> => ({
        name: `at-${code}`,
        title: name,
        optional: narrow || place >= SUPPLIERS_SHOWN,
        of: (row) => {
          const offers = row.offers.filter((offer) => offer.supplier === code);
          return <SupplierCell offers={offers} to={linkTo(row.sku, offers[0]?.offer_id)} />;
        },
      }),
    ),
  ];
}

/** Who sells any of these, those first that are the best of most. */
function suppliersOf(rows: readonly Prices[]): [string, string][] {
  const best = new Map<string, { name: string; times: number }>();
  const note = ({ supplier, supplier_name, rank }: Ranked) => {
    const times = (best.get(supplier)?.times ?? 0) + (rank === 1 ? 1 : 0);
    best.set(supplier, { name: supplier_name, times });
  };
  for (const row of rows) row.offers.forEach(note);
  return [...best]
    .toSorted(([a, one], [b, other]) => other.times - one.times || a.localeCompare(b))
    .map(([code, { name }]) => [code, name]);
}
