import { Tooltip } from "antd";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/table/columns";
import { Badge } from "@/ui/badge";
import { Count, Money } from "@/ui/money";
import { compareMoney } from "@/util/money";
import { language } from "@/words";
import { ExpiryBar } from "./expiry-bar";
import type { SkuRow } from "./overview";

const SHORT_DAYS = 3; // what lasts no longer is written in the colour of alarm

/** Amounts by currency; nearly always there is one. */
export function Costs({ costs }: { costs: Readonly<Record<string, string>> | null }) {
  const each = Object.entries(costs ?? {});
  if (each.length === 0) return <Money value={costs ? "0" : null} />;
  return each.map(([currency, amount], place) => (
    <Fragment key={currency}>
      {place > 0 && " + "}
      <Money value={amount} currency={currency} />
    </Fragment>
  ));
}

/** Tell whether what there is will be sold within days, whatever its level says. */
function isShort({ available, lasts_days: days }: SkuRow): boolean {
  return available > 0 && days !== null && days <= SHORT_DAYS;
}

/** For how many days what can be given lasts, at the pace of the last week. */
export function Lasts({ row }: { row: SkuRow }) {
  const { t } = useTranslation("stock");
  const days = row.lasts_days;
  if (row.available === 0) return <span className="soft">—</span>;
  if (days === null) return <span className="soft">{t("overview.lasts_none")}</span>;
  return (
    <Tooltip title={t("overview.lasts_means", { sold: row.sold_7 })}>
      <span className={isShort(row) ? "figures alarm" : "figures"}>
        {days === 0 ? t("overview.lasts_less") : t("overview.lasts_days", { count: days })}
      </span>
    </Tooltip>
  );
}

function Frozen({ row }: { row: SkuRow }) {
  if (row.frozen === 0) return <Count value={0} />;
  return (
    <Tooltip title={row.frozen_why.map((why) => `${why.reason} (${why.units})`).join(" · ")}>
      <span>
        <Count value={row.frozen} />
      </span>
    </Tooltip>
  );
}

function Needs({ row }: { row: SkuRow }) {
  const { t } = useTranslation("stock");
  if (row.needs.length === 0) {
    if (isShort(row)) return <span className="alarm">{t("overview.short")}</span>;
    return <span className="soft">{t("overview.fine")}</span>;
  }
  return (
    <span className="badges">
      {row.needs.map((need) => (
        <Badge key={need} of="stock_need" value={need} />
      ))}
    </span>
  );
}

/** The days it lasts, where nothing was sold: longer than anything that sells. */
function lasting({ available, lasts_days }: SkuRow): number {
  return available === 0 ? -1 : (lasts_days ?? Number.MAX_SAFE_INTEGER);
}

export function useColumns(): Column<SkuRow>[] {
  const { t } = useTranslation("stock");
  const count = (name: Counted, title: string, optional = false): Column<SkuRow> => ({
    name,
    title,
    of: (row) => <Count value={row[name]} />,
    compare: (one, other) => one[name] - other[name],
    figures: true,
    optional,
  });
  return [
    {
      name: "sku",
      title: t("overview.sku"),
      of: ({ sku, unit }) => (unit === "use" ? `${sku.name}（${t("overview.uses")}）` : sku.name),
      compare: (one, other) => one.sku.name.localeCompare(other.sku.name, language()),
    },
    { name: "needs", title: t("overview.needs"), of: (row) => <Needs row={row} /> },
    count("available", t("overview.available")),
    {
      name: "lasts",
      title: t("overview.lasts"),
      of: (row) => <Lasts row={row} />,
      compare: (one, other) => lasting(one) - lasting(other),
      figures: true,
    },
    {
      name: "expiry",
      title: t("overview.expiry"),
      of: (row) => (
        <ExpiryBar held={row.held} parts={row.by_expiry} next={row.next_expiry_on ?? null} />
      ),
      compare: (one, other) =>
        (one.next_expiry_on ?? "9").localeCompare(other.next_expiry_on ?? "9"),
    },
    count("reserved", t("overview.reserved")),
    {
      name: "frozen",
      title: t("overview.frozen"),
      of: (row) => <Frozen row={row} />,
      compare: (one, other) => one.frozen - other.frozen,
      figures: true,
    },
    count("sold_7", t("overview.sold_7")),
    count("sold_30", t("overview.sold_30"), true),
    count("held", t("overview.held"), true),
    count("expired", t("overview.expired"), true),
    count("allocated", t("overview.given"), true),
    count("revealed", t("overview.seen"), true),
    count("redeemed", t("overview.redeemed"), true),
    count("quarantined", t("overview.quarantined"), true),
    count("void", t("overview.void"), true),
    count("returned", t("overview.returned"), true),
    count("lots", t("overview.lots"), true),
    {
      name: "cost",
      title: t("overview.cost"),
      of: (row) => <Costs costs={row.costs} />,
      compare: (one, other) => compareMoney(one.costs?.CNY ?? "0", other.costs?.CNY ?? "0"),
      figures: true,
      optional: true,
    },
    {
      name: "code",
      title: "SKU",
      of: ({ sku }) => <span className="code">{sku.code}</span>,
      optional: true,
    },
  ];
}

type Counted = {
  [Name in keyof SkuRow]: SkuRow[Name] extends number ? Name : never;
}[keyof SkuRow];
