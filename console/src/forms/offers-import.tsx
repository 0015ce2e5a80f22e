import { Alert, Button, Form, Input, Segmented, Space, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Chooser } from "@/things/chooser";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { language } from "@/words";
import { READ_ANEW } from "./offer-map";

type Report = components["schemas"]["OffersImported"];
const GOOD = ["added", "changed", "same", "held"] as const;
const SHOWN = 200;

/** What is imported: a file, or pasted text. */
type Source = { file: File } | { pasted: string };

/** Take down a price list: looked at row by row, written once it was confirmed. */
export function OffersImport({
  open,
  supplier,
  onClose,
}: {
  open: boolean;
  supplier: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("offers");
  return (
    <Panel title={t("importing.title")} open={open} onClose={onClose} wide>
      <p className="soft">{t("importing.about")}</p>
      {open && <Import key={supplier ?? ""} begun={supplier} onClose={onClose} />}
    </Panel>
  );
}

function Import({ begun, onClose }: { begun: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("offers");
  const refresh = useRefresh();
  const say = useSay();
  const [supplier, setSupplier] = useState(begun);
  const [source, setSource] = useState<Source | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (from: Source, dryRun: boolean) => {
    if (!supplier) return;
    setBusy(true);
    setError(null);
    try {
      const { data } = await post(supplier, from, dryRun ? null : report);
      if (dryRun) {
        setSource(from);
        setReport(data ?? null);
        return;
      }
      await refresh(...READ_ANEW, "/v1/price-alerts");
      say.done(t("importing.done", { count: goodOf(data) }));
      onClose();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const good = goodOf(report);
  return (
    <Form layout="vertical" component="div">
      <Form.Item label={t("importing.supplier")} required>
        <Chooser
          of="supplier"
          label={t("importing.supplier")}
          value={supplier}
          onChange={setSupplier}
          placeholder={t("importing.supplier_wanted")}
          disabled={report !== null}
        />
      </Form.Item>
      <ProblemNote error={error} />
      {report === null || source === null ? (
        <Given ready={supplier !== undefined} busy={busy} onGiven={(from) => send(from, true)} />
      ) : (
        <div className="stack">
          <Rows report={report} />
          <Space>
            <Button
              type="primary"
              loading={busy}
              disabled={good === 0}
              onClick={() => send(source, false)}
            >
              {good === 0 ? t("importing.nothing") : t("importing.confirm", { count: good })}
            </Button>
            <Button onClick={() => setReport(null)}>{t("importing.again")}</Button>
          </Space>
        </div>
      )}
    </Form>
  );
}

async function post(code: string, from: Source, looked: Report | null) {
  const form = new FormData();
  if ("file" in from) form.set("file", from.file);
  else form.set("pasted", from.pasted);
  form.set("dry_run", String(looked === null));
  if (looked) form.set("expect_sha256", looked.sha256);
  return await http.POST("/v1/suppliers/{code}/offers/import", {
    params: { path: { code } },
    ...asForm(form),
  });
}

function goodOf(report: Report | null | undefined): number {
  return GOOD.reduce((sum, name) => sum + (report?.counts[name] ?? 0), 0);
}

function Given({
  ready,
  busy,
  onGiven,
}: {
  ready: boolean;
  busy: boolean;
  onGiven: (from: Source) => void;
}) {
  const { t } = useTranslation("offers");
  const [how, setHow] = useState<"paste" | "file">("paste");
  const [pasted, setPasted] = useState("");
  return (
    <div className="stack">
      <Segmented
        value={how}
        onChange={setHow}
        options={[
          { value: "paste", label: t("importing.paste") },
          { value: "file", label: t("importing.file") },
        ]}
        style={{ justifySelf: "start" }}
      />
      {how === "file" ? (
        <Upload.Dragger
          accept=".xlsx,.csv,.txt"
          showUploadList={false}
          disabled={!ready || busy}
          beforeUpload={(file) => {
            onGiven({ file });
            return false;
          }}
        >
          <p>
            <strong>{t("importing.drop")}</strong>
          </p>
          <p className="soft">{t("importing.columns")}</p>
        </Upload.Dragger>
      ) : (
        <>
          <Form.Item label={t("importing.pasted")} extra={t("importing.columns")}>
            <Input.TextArea
              aria-label={t("importing.pasted")}
              placeholder={t("importing.pasted_hint")}
              value={pasted}
              onChange={({ target }) => setPasted(target.value)}
              rows={10}
            />
          </Form.Item>
          <div>
            <Button
              type="primary"
              loading={busy}
              disabled={!ready || pasted.trim() === ""}
              onClick={() => onGiven({ pasted })}
            >
              {t("importing.look")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

/** How many rows of each outcome, and what becomes of each. */
function Rows({ report }: { report: Report }) {
  const { t } = useTranslation("offers");
  const all = Object.values(report.counts).reduce((sum, count) => sum + count, 0);
  const wrong = all - goodOf(report);
  const told = GOOD.filter((name) => (report.counts[name] ?? 0) > 0).map((name) =>
    t("importing.of_rows", {
      name: t(`importing.counts.${name}`),
      count: report.counts[name] ?? 0,
    }),
  );
  if (wrong > 0) {
    told.push(t("importing.of_rows", { name: t("importing.counts.wrong"), count: wrong }));
  }
  return (
    <>
      <Alert type={wrong > 0 ? "warning" : "info"} showIcon title={told.join(" · ")} />
      <div className="scroll-x">
        <table className="price-offers">
          <thead>
            <tr>
              <th>{t("importing.row")}</th>
              <th>{t("columns.title")}</th>
              <th className="end">{t("columns.price")}</th>
              <th>{t("importing.what")}</th>
            </tr>
          </thead>
          <tbody>
            {report.rows.slice(0, SHOWN).map((row) => (
              <tr key={row.row}>
                <td className="figures">{row.row}</td>
                <td>{row.title || row.ref}</td>
                <td className="end">
                  <Money value={row.price} />
                </td>
                <td className={GOOD.some((name) => name === row.outcome) ? "" : "alarm"}>
                  {language() === "zh" ? row.zh : row.en}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
