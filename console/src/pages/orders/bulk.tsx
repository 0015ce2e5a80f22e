import { DownloadOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Result, Segmented, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { asForm, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { paths } from "@/paths";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { refreshApprovals } from "./approval-panel";
import { Preview, type Shown } from "./bulk-preview";
import { asFile, saveTemplate } from "./pasted";

/** Many orders from a file, or pasted: looked at whole, placed only where nothing in it is wrong. */
export default function Bulk() {
  const { t } = useTranslation("orders");
  const [file, setFile] = useState<File | null>(null);
  const [pasted, setPasted] = useState("");
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
      const { data } = await http.POST("/v1/order-files", asForm(form));
      setShown(data ?? null);
      if (!dryRun) await refreshApprovals(refresh);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const look = (chosen: File) => {
    setFile(chosen);
    setSure(false);
    void send(chosen, true);
  };
  const again = () => {
    setFile(null);
    setShown(null);
    setError(null);
  };
  const fresh = shown?.forecast?.new ?? 0;
  return (
    <Page
      title={t("bulk.title")}
      about={t("bulk.about")}
      acts={
        <>
          <Button icon={<DownloadOutlined />} onClick={saveTemplate}>
            {t("bulk.template")}
          </Button>
          {file && shown?.dry_run !== false && <Button onClick={again}>{t("bulk.again")}</Button>}
        </>
      }
    >
      <div className="cards">
        <ProblemNote error={error} />
        {!shown && <Source busy={busy} look={look} pasted={pasted} paste={setPasted} />}
        {shown?.dry_run && file && (
          <>
            <p className="soft">{file.name}</p>
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
                  disabled={fresh === 0 || (shown.unusual.length > 0 && !sure)}
                  onClick={() => send(file, false)}
                >
                  {fresh === 0
                    ? t("bulk.nothing")
                    : t(shown.above ? "bulk.ask" : "bulk.verb", { count: fresh })}
                </Button>
              </div>
            )}
          </>
        )}
        {shown && !shown.dry_run && <Done shown={shown} again={again} />}
      </div>
    </Page>
  );
}

/** Where the rows come from: a file, or a spreadsheet's cells pasted. */
function Source({
  busy,
  look,
  pasted,
  paste,
}: {
  busy: boolean;
  look: (file: File) => void;
  pasted: string;
  paste: (text: string) => void;
}) {
  const { t } = useTranslation("orders");
  const [from, setFrom] = useState<"file" | "paste">(pasted ? "paste" : "file");
  return (
    <>
      <div>
        <Segmented<"file" | "paste">
          aria-label={t("bulk.from")}
          value={from}
          onChange={setFrom}
          options={[
            { value: "file", label: t("bulk.by_file") },
            { value: "paste", label: t("bulk.by_paste") },
          ]}
        />
      </div>
      {from === "file" ? (
        <Upload.Dragger
          accept=".xlsx,.csv"
          showUploadList={false}
          beforeUpload={(chosen) => {
            look(chosen);
            return false;
          }}
          disabled={busy}
        >
          <p>
            <strong>{t("bulk.drop")}</strong>
          </p>
          <p className="soft">{t("bulk.drop_hint")}</p>
        </Upload.Dragger>
      ) : (
        <>
          <Input.TextArea
            aria-label={t("bulk.by_paste")}
            placeholder={t("bulk.paste_hint")}
            rows={12}
            className="code"
            value={pasted}
            onChange={({ target }) => paste(target.value)}
          />
          <div>
            <Button
              type="primary"
              loading={busy}
              disabled={!pasted.trim()}
              onClick={() => look(asFile(pasted, t("bulk.pasted")))}
            >
              {t("bulk.look")}
            </Button>
          </div>
        </>
      )}
    </>
  );
}

function Done({ shown, again }: { shown: Shown; again: () => void }) {
  const { t } = useTranslation("orders");
  const { t: waits } = useTranslation("approvals");
  const navigate = useNavigate();
  const { delivered, waiting, held } = shown;
  const asked = (held ?? 0) > 0;
  const placed = shown.placed > 0 || !asked;
  return (
    <Result
      status={asked ? "info" : "success"}
      title={placed ? t("bulk.done", { count: shown.placed }) : t("bulk.asked", { count: held })}
      subTitle={asked ? waits("waits_orders") : t("bulk.done_about", { delivered, waiting })}
      extra={[
        <Button
          key="see"
          type="primary"
          onClick={() => navigate(asked ? paths.approvals() : paths.orders())}
        >
          {asked ? waits("see") : t("bulk.see")}
        </Button>,
        <Button key="again" onClick={again}>
          {t("bulk.again")}
        </Button>,
      ]}
    />
  );
}
