import { keepPreviousData } from "@tanstack/react-query";
import { Button, Select, Space } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { oneOf, type Reader, text, useUrl } from "@/table/url";
import { Word } from "@/ui/badge";
import { Day } from "@/ui/day";
import { Download } from "@/ui/download";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { compareMoney, e4 } from "@/util/money";
import { dayIn } from "@/util/time";
import { daysOf, inOrder, type Span, spansOf } from "./spans";

type Row = components["schemas"]["ProfitRowShape"];
type Sheet = components["schemas"]["ProfitSheet"];
type Figures = components["schemas"]["FiguresShape"];
type Dimension = components["schemas"]["Dimension"];
type Amount =
  | "revenue"
  | "cost"
  | "after_sales_loss"
  | "channel_fees"
  | "expired_stock"
  | "stock_loss"
  | "profit";

const DIMENSIONS = [
  "store",
  "supplier",
  "sku",
  "product",
  "brand",
  "period",
  "customer",
  "day",
  "week",
  "month",
] as const satisfies readonly Dimension[];
const AMOUNTS: readonly Amount[] = [
  "revenue",
  "cost",
  "channel_fees",
  "after_sales_loss",
  "expired_stock",
  "stock_loss",
  "profit",
];
const WHOLE: readonly Amount[] = ["revenue", "cost", "profit"];
const RARE: readonly Amount[] = ["after_sales_loss", "expired_stock", "stock_loss"];
const OF_A_SKU: readonly string[] = ["sku", "product", "brand"];
const SHOWN_MAX = 1_000;
const DAY: Reader<string> = (written) => (/^\d{4}-\d\d-\d\d$/.test(written) ? written : undefined);
const QUERY = { by: text, from: DAY, to: DAY, sort: text, ...filters() };

function filters() {
  return {
    store: text,
    supplier: text,
    sku: text,
    product: text,
    brand: text,
    customer: text,
    period: oneOf("week", "month", "quarter", "year", "other"),
  };
}

/** What was earned, by store, supplier, SKU, day …: each crossing adds up to the same totals. */
export default function Profit() {
  const { t } = useTranslation("finance");
  const { tenant } = useMe();
  const [{ by = "store", from, to, sort, ...narrowed }, change] = useUrl(QUERY);
  const spans = spansOf(dayIn(tenant.timezone));
  const span: Span = { from: from ?? spans.yesterday.from, to: to ?? spans.yesterday.to };
  const dimensions = DIMENSIONS.filter((each) => by.split(",").includes(each));
  const asking = { by: dimensions.join(","), ...span, ...given(narrowed) };
  const asked = api.useQuery(
    "get",
    "/v1/reports/profit",
    { params: { query: asking } },
    { placeholderData: keepPreviousData },
  );
  const sheet = asked.data as Sheet | undefined; // asked as JSON: it comes as a file otherwise
  const rows = sheet?.rows;
  const file = (format: string) => {
    const query = new URLSearchParams({ by: asking.by, ...span, ...narrowed, format });
    return `/v1/reports/profit?${query}`;
  };
  return (
    <Page
      title={t("profit.title")}
      about={t("profit.about")}
      acts={
        <>
          <Download href={file("csv")}>{t("profit.csv")}</Download>
          <Download href={file("xlsx")}>{t("profit.xlsx")}</Download>
        </>
      }
    >
      <Totals totals={sheet?.totals ?? []} />
      <List<Row>
        name="profit"
        label={t("profit.label")}
        columns={useColumns(dimensions, span, narrowed, sheet?.totals ?? [])}
        rows={rows?.slice(0, SHOWN_MAX)}
        total={rows?.length}
        keyOf={(row) => keyOf(row, dimensions)}
        asked={asked}
        sort={sort}
        change={change}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() =>
          change(Object.fromEntries(Object.keys(narrowed).map((name) => [name, null])))
        }
        filters={<Conditions dimensions={dimensions} span={span} spans={spans} change={change} />}
        empty={
          <Empty
            title={t("profit.nothing")}
            act={
              span.to < spans.today.to && (
                <Button onClick={() => change({ ...spans.today })}>{t("profit.see_today")}</Button>
              )
            }
          >
            {t("profit.nothing_hint")}
          </Empty>
        }
      />
      {rows && rows.length > SHOWN_MAX && (
        <p className="soft">{t("profit.first", { count: SHOWN_MAX })}</p>
      )}
    </Page>
  );
}

/** What comes off the revenue now and then: shown where there is any, or the rest wouldn't add up. */
function isRare(name: Amount, totals: readonly Figures[]): boolean {
  return RARE.includes(name) && totals.every((total) => e4(total[name]) === 0n);
}

function Totals({ totals }: { totals: readonly Figures[] }) {
  const { t } = useTranslation("finance");
  const means = t("profit.of_total");
  return totals.map((total) => (
    <div className="figures-strip" key={total.currency} style={{ marginBottom: 12 }}>
      <Figure name={t("figure.units")} means={means} value={<Count value={total.units} />} />
      {AMOUNTS.filter((name) => WHOLE.includes(name) || e4(total[name]) !== 0n).map((name) => (
        <Figure
          key={name}
          name={t(`figure.${name}`)}
          means={means}
          value={<Money value={total[name]} currency={total.currency} />}
        />
      ))}
      <Figure name={t("figure.margin")} means={means} value={percent(total.margin)} />
    </div>
  ));
}

function Conditions({
  dimensions,
  span,
  spans,
  change,
}: {
  dimensions: readonly Dimension[];
  span: Span;
  spans: ReturnType<typeof spansOf>;
  change: ReturnType<typeof useUrl>[1];
}) {
  const { t } = useTranslation("finance");
  return (
    <>
      <Select
        mode="multiple"
        maxCount={3}
        aria-label={t("profit.rows")}
        value={[...dimensions]}
        options={DIMENSIONS.map((value) => ({ value, label: t(`by.${value}`) }))}
        onChange={(chosen: Dimension[]) => change({ by: chosen.join(",") || "store" })}
        style={{ minWidth: 200 }}
      />
      <Day
        label={t("profit.from")}
        value={span.from}
        needed
        onChange={(from) => from && change((now) => inOrder(from, now.get("to") ?? span.to, from))}
      />
      <Day
        label={t("profit.to")}
        value={span.to}
        needed
        onChange={(to) => to && change((now) => inOrder(now.get("from") ?? span.from, to, to))}
      />
      <Space.Compact>
        {(["yesterday", "today", "this_week", "last_month"] as const).map((name) => {
          const chosen = spans[name].from === span.from && spans[name].to === span.to;
          return (
            <Button key={name} aria-pressed={chosen} onClick={() => change({ ...spans[name] })}>
              {t(`profit.${name}`)}
            </Button>
          );
        })}
      </Space.Compact>
    </>
  );
}

function useColumns(
  dimensions: readonly Dimension[],
  span: Span,
  narrowed: Readonly<Record<string, string>>,
  totals: readonly Figures[],
): Column<Row>[] {
  const { t } = useTranslation("finance");
  const orders = ordersOf(dimensions, span, narrowed);
  return [
    ...dimensions.map(
      (dimension): Column<Row> => ({
        name: dimension,
        title: t(`by.${dimension}`),
        of: (row) => nameOf(row, dimension) ?? <span className="soft">{t("profit.unnamed")}</span>,
      }),
    ),
    {
      name: "units",
      title: t("figure.units"),
      figures: true,
      of: (row) => <Count value={row.units} />,
      compare: (one, other) => one.units - other.units,
    },
    ...AMOUNTS.map(
      (name): Column<Row> => ({
        name,
        title: t(`figure.${name}`),
        figures: true,
        optional: isRare(name, totals),
        of: (row) => (
          <Link to={orders(row)} className="quiet">
            <Money value={row[name]} currency={row.currency} />
          </Link>
        ),
        compare: (one, other) => compareMoney(one[name], other[name]),
      }),
    ),
    {
      name: "margin",
      title: t("figure.margin"),
      figures: true,
      of: (row) => percent(row.margin),
      compare: (one, other) => compareMoney(one.margin ?? "0", other.margin ?? "0"),
    },
    {
      name: "orders",
      title: t("profit.orders"),
      of: (row) => {
        return <Link to={orders(row)}>{t("profit.orders")}</Link>;
      },
    },
  ];
}

/** The orders behind a row: what the books don't name of it is asked for, too. */
function ordersOf(
  dimensions: readonly Dimension[],
  span: Span,
  narrowed: Readonly<Record<string, string>>,
): (row: Row) => string {
  return (row) => {
    const asked: Record<string, string> = {
      ...narrowed,
      ...daysOf(row, span),
      report: String(new URLSearchParams({ by: dimensions.join(","), ...span, ...narrowed })),
    };
    const unsaid = new Set<string>();
    for (const name of ["store", "supplier", "customer", "sku", "product", "brand"] as const) {
      if (!dimensions.includes(name)) continue;
      const of = row[name];
      if (of) asked[name] = of.code;
      else unsaid.add(OF_A_SKU.includes(name) ? "sku" : name);
    }
    if (dimensions.includes("period")) {
      if (row.period) asked.period = row.period;
      else unsaid.add("sku");
    }
    if (unsaid.size > 0) asked.unsaid = [...unsaid].join(",");
    return paths.profitOrders(asked);
  };
}

function keyOf(row: Row, dimensions: readonly Dimension[]): string {
  const keys = dimensions.map((name) => {
    const of = row[name];
    return typeof of === "object" && of !== null ? of.code : (of ?? "");
  });
  return [...keys, row.currency].join("\n");
}

function nameOf(row: Row, dimension: Dimension) {
  const of = row[dimension];
  if (!of) return null;
  if (dimension === "period") return <Word of="period" value={String(of)} />;
  return typeof of === "object" ? of.name : of;
}

function given(narrowed: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(narrowed).map(([name, code]) => [name, [code]]));
}

/** "0.2867" → "+28.67%", in whole ten-thousandths. */
function percent(part: string | null) {
  if (part === null) return <span className="soft">—</span>;
  const parts = e4(part);
  const size = String(parts < 0n ? -parts : parts).padStart(3, "0");
  const sign = parts < 0n ? "−" : "+";
  return <span className="figures">{`${sign}${size.slice(0, -2)}.${size.slice(-2)}%`}</span>;
}
