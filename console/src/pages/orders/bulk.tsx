import { Alert, Button, Checkbox, Result, Table, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { language } from "@/words";

type Shown = components["schemas"]["OrderFileShown"];
type Said = components["schemas"]["RowSaid"];
type OfSku = components["schemas"]["SkuForecast"];

/** Many orders from a file: looked at whole, placed only where nothing in it is wrong. */
export default function Bulk() {
  const { t } = useTranslation("orders");
  const [file, setFile] = useState<File | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const refresh = useRefresh();
  const send = async (chosen: File, dryRun: boolean) => {
    setBusy(true);
    setError(null);
    try {
      const form = new FormData();
      form.set("file", chosen);
      form.set("dry_run", String(dryRun));
      form.set("sure", String(sure));
      if (!dryRun && shown) form.set("expect_digest", shown.digest);
      const sent = { body: form as never, bodySerializer: (body: unknown) => body as FormData };
      const { data } = await http.POST("/v1/order-files", sent);
      setShown(data ?? null);
      if (!dryRun) await refresh("/v1/orders");
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const choose = (chosen: File) => {
    setFile(chosen);
    setSure(false);
    void send(chosen, true);
    return false;
  };
  const again = () => {
    setFile(null);
    setShown(null);
    setError(null);
  };
  return (
    <Page
      title={t("bulk.title")}
      about={t("bulk.about")}
      acts={file && <Button onClick={again}>{t("bulk.again")}</Button>}
    >
      <div className="cards">
        <ProblemNote error={error} />
        {!shown && (
          <Upload.Dragger
            accept=".xlsx,.csv"
            showUploadList={false}
            beforeUpload={choose}
            disabled={busy}
          >
            <p>
              <strong>{t("bulk.drop")}</strong>
            </p>
            <p className="soft">{t("bulk.drop_hint")}</p>
          </Upload.Dragger>
        )}
        {shown?.dry_run && file && (
          <>
            <Preview shown={shown} />
            {shown.unusual.length > 0 && (
              <Checkbox checked={sure} onChange={({ target }) => setSure(target.checked)}>
                {t("bulk.sure")}
              </Checkbox>
            )}
            {shown.forecast && (
              <div>
                <Button
                  type="primary"
                  loading={busy}
                  disabled={shown.forecast.new === 0 || (shown.unusual.length > 0 && !sure)}
                  onClick={() => send(file, false)}
                >
                  {shown.forecast.new === 0
                    ? t("bulk.nothing")
                    : t("bulk.verb", { count: shown.forecast.new })}
                </Button>
              </div>
            )}
          </>
        )}
        {shown && !shown.dry_run && <Done shown={shown} />}
      </div>
    </Page>
  );
}

function Preview({ shown }: { shown: Shown }) {
  const { t } = useTranslation("orders");
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

function Done({ shown }: { shown: Shown }) {
  const { t } = useTranslation("orders");
  const navigate = useNavigate();
  const { delivered, waiting } = shown;
  return (
    <Result
      status="success"
      title={t("bulk.done", { count: shown.placed })}
      subTitle={t("bulk.done_about", { delivered, waiting })}
      extra={
        <Button type="primary" onClick={() => navigate(paths.orders())}>
          {t("bulk.see")}
        </Button>
      }
    />
  );
}
