import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import type { Column } from "@/table/columns";
import { Count, Money } from "@/ui/money";
import { compareMoney } from "@/util/money";

type OfSupplier = components["schemas"]["CapitalRow"];
type OfSku = components["schemas"]["SkuCapitalRow"];

/** Amounts are compared exactly; what nobody knows comes after what is known. */
function amount<Row>(
  name: string,
  title: string,
  of: (row: Row) => string,
  optional = false,
): Column<Row> {
  return {
    name,
    title,
    figures: true,
    optional,
    of: (row) => <Money value={of(row)} />,
    compare: (one, other) => compareMoney(of(one), of(other)),
  };
}

function count<Row>(name: string, title: string, of: (row: Row) => number): Column<Row> {
  return {
    name,
    title,
    figures: true,
    of: (row) => <Count value={of(row)} />,
    compare: (one, other) => of(one) - of(other),
  };
}

const ENDLESS = "999999999";

function useDays<Row>(): (
  name: string,
  title: string,
  of: (row: Row) => string | null | undefined,
) => Column<Row> {
  const { t } = useTranslation("capital");
  return (name, title, of) => ({
    name,
    title,
    figures: true,
    of: (row) => {
      const days = of(row);
      return days ? t("number_of_days", { days }) : <span className="soft">{t("no_sales")}</span>;
    },
    compare: (one, other) => compareMoney(of(one) ?? ENDLESS, of(other) ?? ENDLESS),
  });
}

/** What is tied up with a supplier; the same columns, in the same order, as its file. */
export function useSupplierColumns(hasOthers: boolean): Column<OfSupplier>[] {
  const { t } = useTranslation("capital");
  const days = useDays<OfSupplier>();
  const of = (
    name: string,
    key: keyof OfSupplier & keyof Amounts,
    optional = false,
  ): Column<OfSupplier> =>
    amount(name, t(`columns.${name as "tied"}`), (row) => row[key], optional);
  return [
    {
      name: "supplier",
      title: t("columns.supplier"),
      of: (row) => row.name,
      compare: (one, other) => one.name.localeCompare(other.name),
    },
    of("tied", "tied_up"),
    of("stock", "stock"),
    count("units", t("columns.units"), (row) => row.units),
    of("old", "over_90_days", true),
    of("expiring", "expiring_in_30_days"),
    of("prepaid", "prepaid"),
    of("doubt", "in_doubt"),
    of("recoveries", "recoveries", true),
    of("payable", "payable"),
    of("net", "net", true),
    of("sold", "sold_at_cost", true),
    days("turnover", t("columns.turnover"), (row) => row.turnover_days),
    of("cost", "cost_of_capital", true),
    { ...of("others", "other_currencies", !hasOthers), of: (row) => <Others of={row} /> },
  ];
}

type Amounts = Omit<OfSupplier, "units" | "turnover_days" | "others">;

/** What is there in other currencies, in ours; and what it is in them. */
function Others({ of: row }: { of: OfSupplier }) {
  return (
    <>
      <Money value={row.other_currencies} />
      {row.others.map((other) => (
        <div key={other.currency} className="soft">
          <Money value={other.tied_up} currency={other.currency} />
        </div>
      ))}
    </>
  );
}

/** What is tied up in a SKU's stock; the same columns, in the same order, as its file. */
export function useSkuColumns(): Column<OfSku>[] {
  const { t } = useTranslation("capital");
  const days = useDays<OfSku>();
  const of = (
    name: string,
    key: Exclude<keyof OfSku, "units" | "sold" | "stock_days" | "sku_id">,
    optional = false,
  ): Column<OfSku> => amount(name, t(`columns.${name as "tied"}`), (row) => row[key], optional);
  return [
    {
      name: "sku",
      title: t("columns.sku"),
      of: (row) => row.name,
      compare: (one, other) => one.name.localeCompare(other.name),
    },
    count("units", t("columns.units"), (row) => row.units),
    of("stock", "stock"),
    of("fresh", "up_to_30_days"),
    of("month", "up_to_60_days", true),
    of("months", "up_to_90_days", true),
    of("older", "older"),
    of("expiring", "expiring_in_30_days"),
    of("loss", "expected_loss"),
    { ...count<OfSku>("sold_units", t("columns.sold_units"), (row) => row.sold), optional: true },
    days("lasts", t("columns.lasts"), (row) => row.stock_days),
  ];
}
