import { keepPreviousData } from "@tanstack/react-query";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { type Change, oneOf, text, useUrl } from "@/table/url";
import { Download } from "@/ui/download";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Chosen } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { formatMoney } from "@/util/money";
import { formatPpm } from "@/util/share";
import { Ages } from "./capital-ages";
import { Books } from "./capital-books";
import { useSkuColumns, useSupplierColumns } from "./capital-columns";

type Sheet = components["schemas"]["CapitalSheet"];
type SkuSheet = components["schemas"]["SkuCapitalSheet"];

const QUERY = {
  by: oneOf("sku"),
  supplier: text,
  days: oneOf("7", "30", "90"),
  sort: text,
};

/** What is tied up in stock and with suppliers: how old, how long it lasts, what will be lost. */
export default function Capital() {
  const { t } = useTranslation("capital");
  const [query, change] = useUrl(QUERY);
  const days = Number(query.days ?? "30");
  const bySku = query.by === "sku" || query.supplier !== undefined;
  const supplier = query.supplier ? { supplier: query.supplier } : {};
  const kept = { placeholderData: keepPreviousData };
  const asked = api.useQuery("get", "/v1/reports/capital", { params: { query: { days } } }, kept);
  const ofSkus = { params: { query: { days, ...supplier } } };
  const skus = api.useQuery("get", "/v1/reports/capital/skus", ofSkus, kept);
  const sheet = asked.data as Sheet | undefined; // asked as JSON: they come as files otherwise
  const skuSheet = skus.data as SkuSheet | undefined;
  const given = new URLSearchParams({ days: String(days), ...(bySku ? supplier : {}) });
  const file = (format: string) =>
    `/v1/reports/capital${bySku ? "/skus" : ""}?${given}&format=${format}`;
  const name = sheet?.rows.find((row) => row.supplier === query.supplier)?.name ?? query.supplier;
  return (
    <Page
      title={t("title")}
      about={query.supplier ? t("only", { name }) : t("about")}
      acts={
        <>
          <Download href={file("csv")}>{t("csv")}</Download>
          <Download href={file("xlsx")}>{t("xlsx")}</Download>
        </>
      }
    >
      <div className="capital">
        <Figures sheet={sheet} skus={skuSheet} days={days} alone={query.supplier} />
        <OtherCurrencies sheet={sheet} alone={query.supplier} />
        {!bySku && <ProblemNote error={skus.error} again={() => void skus.refetch()} />}
        <Ages failed={skus.isError} total={skuSheet?.total} at={skuSheet?.at} onChoose={change} />
        {bySku ? (
          <BySku asked={skus} sheet={skuSheet} query={query} change={change} />
        ) : (
          <BySupplier asked={asked} sheet={sheet} query={query} change={change} />
        )}
        {!query.supplier && <Books days={days} />}
      </div>
    </Page>
  );
}

function Figures({
  sheet,
  skus,
  days,
  alone,
}: {
  sheet: Sheet | undefined;
  skus: SkuSheet | undefined;
  days: number;
  alone: string | undefined;
}) {
  const { t } = useTranslation("capital");
  const total = alone ? sheet?.rows.find((row) => row.supplier === alone) : sheet?.total;
  const rate = sheet ? formatPpm(sheet.rate_ppm) : "";
  const bySku = (sort: string) =>
    paths.capital({ by: "sku", sort, ...(alone ? { supplier: alone } : {}) });
  const figures = [
    ["tied", total?.tied_up, null],
    ["stock", total?.stock, bySku("-stock")],
    ["net", total?.net, null],
    ["cost", total?.cost_of_capital, null],
    ["loss", skus?.total.expected_loss, bySku("-loss")],
  ] as const;
  return (
    <div className="figures-strip">
      {figures.map(([name, value, to]) => (
        <Figure
          key={name}
          name={t(`figure.${name}`)}
          means={t(`figure.${name}_means`, { days, rate })}
          at={name === "loss" ? skus?.at : sheet?.at}
          value={
            <Money value={value} places={2} {...(sheet ? { currency: sheet.currency } : {})} />
          }
          to={to}
        />
      ))}
      <Figure
        name={t("figure.turnover")}
        means={t("figure.turnover_means", { days })}
        at={sheet?.at}
        value={total?.turnover_days ? t("number_of_days", { days: total.turnover_days }) : "—"}
        note={total && !total.turnover_days && t("no_sales")}
      />
    </div>
  );
}

/** What of it is in other currencies, and at what rate it counts. */
function OtherCurrencies({
  sheet,
  alone,
}: {
  sheet: Sheet | undefined;
  alone: string | undefined;
}) {
  const { t } = useTranslation("capital");
  const row = alone ? sheet?.rows.find(({ supplier }) => supplier === alone) : sheet?.total;
  const others = row?.others ?? [];
  if (others.length === 0) return null;
  return (
    <Alert
      type="info"
      showIcon
      title={t("others.title")}
      description={
        <>
          {others.map(({ currency, tied_up, owed, rate, in_ours }) => (
            <div key={currency} className="figures">
              {t(rate === null || in_ours === null ? "others.unrated" : "others.rated", {
                tied: formatMoney(tied_up, currency),
                owed: formatMoney(owed, currency),
                rate,
                ours: formatMoney(in_ours ?? "0.00"),
              })}
            </div>
          ))}
          <div className="soft">{t("others.about")}</div>
        </>
      }
    />
  );
}

/** The lots of a SKU that hold anything: of whomever they came from. */
function lotsOf({ sku_id: sku }: SkuSheet["rows"][number]): string {
  return paths.lots(sku ? { sku } : {});
}

interface Shown<Of> {
  asked: { isPending: boolean; isFetching: boolean; error: unknown; refetch: () => unknown };
  sheet: Of | undefined;
  query: {
    readonly sort?: string;
    readonly supplier?: string;
    readonly days?: "7" | "30" | "90";
  };
  change: Change;
}

function BySupplier({ asked, sheet, query, change }: Shown<Sheet>) {
  const { t } = useTranslation("capital");
  return (
    <List
      name="capital"
      label={t("label_supplier")}
      columns={useSupplierColumns((sheet?.total.others.length ?? 0) > 0)}
      rows={sheet?.rows}
      keyOf={(row) => row.supplier}
      asked={asked}
      sort={query.sort}
      change={change}
      total={sheet?.rows.length}
      linkOf={(row) => paths.capital({ supplier: row.supplier })}
      filters={<Conditions by="supplier" query={query} change={change} />}
      empty={<Empty title={t("none")}>{t("none_hint")}</Empty>}
    />
  );
}

function BySku({ asked, sheet, query, change }: Shown<SkuSheet>) {
  const { t } = useTranslation("capital");
  const may = useMay();
  return (
    <List<SkuSheet["rows"][number]>
      name="capital-skus"
      label={t("label_sku")}
      columns={useSkuColumns()}
      rows={sheet?.rows}
      keyOf={(row) => row.sku}
      asked={asked}
      sort={query.sort}
      change={change}
      total={sheet?.rows.length}
      {...(may("stock.read") ? { linkOf: lotsOf } : {})}
      filters={<Conditions by="sku" query={query} change={change} />}
      filtered={query.supplier !== undefined}
      onClear={() => change({ supplier: null })}
      empty={<Empty title={t("none")}>{t("none_hint")}</Empty>}
    />
  );
}

function Conditions({
  by,
  query,
  change,
}: {
  by: "supplier" | "sku";
  query: Shown<unknown>["query"];
  change: Change;
}) {
  const { t } = useTranslation("capital");
  return (
    <>
      <Chosen
        label={t("by")}
        value={by}
        choices={(["supplier", "sku"] as const).map((value) => ({
          value,
          label: t(`by_${value}`),
        }))}
        onChange={(next) =>
          change({ by: next === "sku" ? "sku" : null, supplier: null, sort: null })
        }
      />
      <Choice
        label={t("days")}
        value={query.days ?? "30"}
        choices={["7", "30", "90"].map((value) => ({
          value,
          label: t("days_of", { days: value }),
        }))}
        onChange={(days) => change({ days: days === "30" ? null : days })}
      />
    </>
  );
}
