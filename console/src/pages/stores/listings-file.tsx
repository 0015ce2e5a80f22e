import { DownloadOutlined, InboxOutlined } from "@ant-design/icons";
import { Button, Segmented, Space, Spin, Table, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { saveFile } from "@/util/files";
import { language } from "@/words";
import type { Store } from "./frame";

type Report = components["schemas"]["MappingShown"];
type Row = components["schemas"]["MappingRowShown"];
type Outcome = Row["outcome"];

const WRITES: readonly Outcome[] = ["maps", "changes", "learns"];
const STAYS: readonly Outcome[] = ["same", "blank"];

/** Many at once: download, fill in, look what each row comes to, then write. */
export function MapByFile({
  store,
  open,
  onClose,
}: {
  store: Store;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("listings");
  const mapping = useMappingFile(store, onClose);
  const { file, report, sending, error } = mapping;
  const count = report?.rows.filter((row) => WRITES.includes(row.outcome)).length ?? 0;
  const may = store.can.includes("map_listings");
  const close = () => {
    mapping.forget();
    onClose();
  };
  return (
    <Panel title={t("file.title")} wide open={open} onClose={close}>
      <div className="panel-parts">
        <p className="soft">{t("file.about")}</p>
        <div>
          <Button icon={<DownloadOutlined />} onClick={mapping.download}>
            {t("file.download")}
          </Button>
        </div>
        <ProblemNote error={error} />
        {may && !report && (
          <Spin spinning={sending} description={t("file.reading")}>
            <Upload.Dragger
              accept=".xlsx,.csv,.txt"
              maxCount={1}
              showUploadList={false}
              beforeUpload={(given) => {
                void mapping.look(given);
                return false;
              }}
            >
              <InboxOutlined style={{ fontSize: 28 }} />
              <p>{t("file.drop")}</p>
            </Upload.Dragger>
          </Spin>
        )}
        {report && file && (
          <>
            <Rows rows={report.rows} counts={report.counts} />
            <Space>
              <Button
                type="primary"
                disabled={count === 0}
                loading={sending}
                onClick={() => void mapping.write(count)}
              >
                {count === 0 ? t("file.nothing") : t("file.write", { count })}
              </Button>
              <Button onClick={mapping.forget}>{t("file.other")}</Button>
            </Space>
          </>
        )}
      </div>
    </Panel>
  );
}

/** A file on its way: looked at first, then surely the same one is written. */
function useMappingFile(store: Store, onDone: () => void) {
  const { t } = useTranslation("listings");
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refresh = useRefresh();
  const say = useSay();
  const params = { path: { code: store.code } };
  const forget = () => {
    setFile(null);
    setReport(null);
    setError(null);
  };
  const send = async (given: File, dry: boolean, sha256?: string) => {
    const form = new FormData();
    form.set("file", given);
    form.set("dry_run", String(dry));
    if (sha256) form.set("expect_sha256", sha256);
    const { data } = await http.POST("/v1/stores/{code}/mapping", {
      params,
      ...asForm(form),
    });
    return data ?? null;
  };
  const attempt = async (act: () => Promise<void>) => {
    setSending(true);
    setError(null);
    try {
      await act();
    } catch (refused) {
      setError(refused);
    } finally {
      setSending(false);
    }
  };
  const look = (given: File) =>
    attempt(async () => {
      setFile(given);
      setReport(await send(given, true));
    });
  const write = (count: number) =>
    attempt(async () => {
      if (file === null) return;
      await send(file, false, report?.sha256);
      await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/listings");
      say.done(t("file.done", { count }));
      forget();
      onDone();
    });
  const download = () =>
    attempt(async () => {
      const { data } = await http.GET("/v1/stores/{code}/mapping", { params, parseAs: "blob" });
      saveFile(data as unknown as Blob, `listings-${store.code}.xlsx`);
    });
  return { file, report, sending, error, forget, look, write, download };
}

function Rows({
  rows,
  counts,
}: {
  rows: readonly Row[];
  counts: Readonly<Record<string, number>>;
}) {
  const { t } = useTranslation("listings");
  const [only, setOnly] = useState("");
  const shown = only ? rows.filter((row) => row.outcome === only) : rows;
  return (
    <>
      <Segmented
        aria-label={t("file.outcome")}
        value={only}
        onChange={setOnly}
        options={[
          { value: "", label: `${t("file.all")} ${rows.length}` },
          ...Object.entries(counts).map(([outcome, count]) => ({
            value: outcome,
            label: `${t(`outcome.${outcome}` as "outcome.maps")} ${count}`,
          })),
        ]}
        style={{ flexWrap: "wrap" }}
      />
      <Table<Row>
        size="small"
        rowKey="row"
        dataSource={[...shown]}
        pagination={shown.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("file.rows"), dataIndex: "row", align: "right", className: "figures" },
          {
            title: t("file.outcome"),
            render: (_, row) => (
              <span
                className={
                  WRITES.includes(row.outcome) ? "" : STAYS.includes(row.outcome) ? "soft" : "alarm"
                }
              >
                {language() === "zh" ? row.zh : row.en}
              </span>
            ),
          },
          {
            title: t("file.row_item"),
            render: (_, row) => <span className="clipped">{row.title || row.item_id}</span>,
          },
          {
            title: t("file.row_sku"),
            render: (_, row) =>
              row.sku && (
                <span className="code">
                  {row.sku} × {row.units}
                </span>
              ),
          },
          {
            title: t("file.was"),
            render: (_, row) => <span className="code soft">{row.was}</span>,
          },
        ]}
      />
    </>
  );
}
