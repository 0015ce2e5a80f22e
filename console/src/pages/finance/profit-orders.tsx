import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { useNames } from "@/things/sought";
import { Download } from "@/ui/download";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

type Row = components["schemas"]["OrderProfitShown"];
type Dimension = components["schemas"]["Dimension"];
const NAMED = ["store", "supplier", "brand", "product", "sku", "period", "customer"] as const;
type Named = (typeof NAMED)[number];
const QUERY = {
  from: text,
  to: text,
  unsaid: text,
  after: text,
  report: text, // what was asked of the report that led here
  ...Object.fromEntries(NAMED.map((name) => [name, text])),
} as Readonly<Record<Named | "from" | "to" | "unsaid" | "after" | "report", typeof text>>;

/** The orders behind a cell of the profit report: what each earned in those days. */
export default function ProfitOrders() {
  const { t } = useTranslation("finance");
  const navigate = useNavigate();
  const [{ from, to, unsaid, after, report, ...narrowed }, change] = useUrl(QUERY);
  const asking = {
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...Object.fromEntries(Object.entries(narrowed).map(([name, code]) => [name, [code]])),
    ...(unsaid ? { unsaid: unsaid.split(",") as Dimension[] } : {}),
  };
  const asked = api.useQuery(
    "get",
    "/v1/reports/profit/orders",
    { params: { query: { ...asking, ...(after ? { after } : {}) } } },
    { placeholderData: keepPreviousData },
  );
  const back = report ? Object.fromEntries(new URLSearchParams(report)) : { from, to };
  const file = (format: string) => {
    const query = new URLSearchParams({ ...narrowed, format });
    if (from) query.set("from", from);
    if (to) query.set("to", to);
    for (const name of unsaid?.split(",") ?? []) query.append("unsaid", name);
    return `/v1/reports/profit/orders/file?${query}`;
  };
  const called = useCalled(narrowed);
  const said = [
    from === to ? from : `${from ?? ""} – ${to ?? ""}`,
    ...NAMED.flatMap((name) => (narrowed[name] ? `${t(`by.${name}`)} ${called(name)}` : [])),
    ...(unsaid?.split(",") ?? []).map(
      (name) => `${t(`by.${name as Dimension}`)} ${t("profit_orders.unsaid")}`,
    ),
  ];
  return (
    <Page
      title={t("profit_orders.title")}
      about={t("profit_orders.about")}
      acts={
        <>
          <Button onClick={() => navigate(paths.profit(back))}>{t("profit_orders.back")}</Button>
          <Download href={file("csv")}>{t("profit.csv")}</Download>
          <Download href={file("xlsx")}>{t("profit.xlsx")}</Download>
        </>
      }
    >
      <p className="soft">{said.filter(Boolean).join(" · ")}</p>
      {asked.data?.totals.map((total) => (
        <div className="figures-strip" key={total.currency} style={{ marginBottom: 12 }}>
          <Figure name={t("figure.units")} value={<Count value={total.units} />} />
          {(["revenue", "cost", "profit"] as const).map((name) => (
            <Figure
              key={name}
              name={t(`figure.${name}`)}
              value={<Money value={total[name]} currency={total.currency} />}
            />
          ))}
        </div>
      ))}
      <List<Row>
        name="profit-orders"
        label={t("profit_orders.label")}
        columns={useColumns()}
        rows={asked.data?.orders}
        keyOf={(row) => `${row.subject_id} ${row.currency}`}
        asked={asked}
        change={change}
        cursor={{ name: "after", at: after, next: asked.data?.next_after }}
        empty={<Empty title={t("profit_orders.nothing")}>{t("profit_orders.nothing_hint")}</Empty>}
      />
    </Page>
  );
}

/** What the books were narrowed to is called, where the reader may know its name. */
function useCalled(narrowed: Readonly<Partial<Record<Named, string>>>): (of: Named) => string {
  const { t } = useTranslation("states");
  const may = useMay();
  const names: Partial<Record<Named, ReadonlyMap<string, string>>> = {
    store: useNames("store", [narrowed.store], may("orders.read")),
    supplier: useNames("supplier", [narrowed.supplier], may("suppliers.read")),
    sku: useNames("sku", [narrowed.sku], may("catalog.read")),
    customer: useNames("customer", [narrowed.customer], may("orders.read")),
  };
  return (of) => {
    const code = narrowed[of] ?? "";
    if (of === "period") return t(`period.${code}` as never, { defaultValue: code });
    return names[of]?.get(code) ?? code;
  };
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation("finance");
  return [
    {
      name: "number",
      title: t("profit_orders.number"),
      of: (row) => {
        if (row.order_id) {
          return (
            <Link to={paths.order(row.order_id)} className="code" data-row-link>
              {row.order_number}
            </Link>
          );
        }
        return row.lot_id ? (
          <Link to={paths.lots({ show: row.lot_id })} data-row-link>
            {t("profit_orders.lot")}
          </Link>
        ) : (
          <span className="soft" title={t("profit_orders.none_hint")}>
            {t("profit_orders.none")}
          </span>
        );
      },
    },
    { name: "store", title: t("profit_orders.store"), of: (row) => row.store_name },
    { name: "at", title: t("profit_orders.at"), of: (row) => <Time at={row.at} exact /> },
    {
      name: "units",
      title: t("figure.units"),
      figures: true,
      of: (row) => <Count value={row.units} />,
    },
    ...(["revenue", "cost", "profit"] as const).map(
      (name): Column<Row> => ({
        name,
        title: t(`figure.${name}`),
        figures: true,
        of: (row) => <Money value={row[name]} currency={row.currency} />,
      }),
    ),
  ];
}
