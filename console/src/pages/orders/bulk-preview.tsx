import { Alert, Table } from "antd";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { language } from "@/words";

export type Shown = components["schemas"]["OrderFileShown"];
type Said = components["schemas"]["RowSaid"];
type OfSku = components["schemas"]["SkuForecast"];

/** What a file would come to, row by row what is wrong or unusual, and what stock there is. */
export function Preview({ shown }: { shown: Shown }) {
  const { t } = useTranslation("orders");
  const { t: waits } = useTranslation("approvals");
  const { forecast } = shown;
  return (
    <>
      {shown.wrong.length > 0 && (
        <>
          <Alert
            type="error"
            showIcon
            title={t("bulk.wrong", { count: shown.wrong_count })}
            description={t("bulk.wrong_hint")}
          />
          <Rows rows={shown.wrong} />
        </>
      )}
      {shown.unusual.length > 0 && (
        <>
          <Alert
            type="warning"
            showIcon
            title={t("bulk.unusual", { count: shown.unusual.length })}
          />
          <Rows rows={shown.unusual} />
        </>
      )}
      {forecast && shown.above && (
        <Alert
          type="info"
          showIcon
          title={<Word of="above" value={shown.above} />}
          description={waits("waits_orders")}
        />
      )}
      {forecast && (
        <>
          <Facts>
            <Fact name={t("bulk.fresh")}>
              <Count value={forecast.new} />
            </Fact>
            <Fact name={t("bulk.before")}>
              <Count value={forecast.placed_before} />
            </Fact>
            <Fact name={t("bulk.units")}>
              <Count value={forecast.units} />
            </Fact>
            <Fact name={t("bulk.amount")}>
              <Money value={forecast.amount} />
            </Fact>
            <Fact name={t("bulk.short")}>
              <Count value={forecast.short_orders} />
            </Fact>
          </Facts>
          <Skus skus={forecast.skus} />
        </>
      )}
    </>
  );
}

function Rows({ rows }: { rows: Said[] }) {
  const { t } = useTranslation("orders");
  return (
    <Table<Said>
      size="small"
      rowKey={(row) => `${row.at} ${row.code}`}
      dataSource={rows}
      pagination={rows.length > 20 ? { pageSize: 20 } : false}
      columns={[
        {
          key: "at",
          title: t("bulk.row"),
          render: (_, row) =>
            language() === "zh" ? row.at.replace(/^row (\d+)/, "第 $1 行") : row.at,
        },
        { key: "what", title: t("bulk.what"), render: (_, row) => row[language()] },
      ]}
    />
  );
}

function Skus({ skus }: { skus: OfSku[] }) {
  const { t } = useTranslation("orders");
  const right = { align: "right" as const };
  return (
    <Table<OfSku>
      size="small"
      rowKey={(row) => row.sku}
      dataSource={skus}
      pagination={false}
      columns={[
        { key: "sku", title: t("bulk.sku"), render: (_, row) => row.sku },
        {
          key: "wanted",
          title: t("bulk.wanted"),
          ...right,
          render: (_, row) => <Count value={row.wanted} />,
        },
        {
          key: "available",
          title: t("bulk.available"),
          ...right,
          render: (_, row) => <Count value={row.available} />,
        },
        {
          key: "short",
          title: t("bulk.lacking"),
          ...right,
          render: (_, row) => <Count value={row.short} />,
        },
      ]}
    />
  );
}
