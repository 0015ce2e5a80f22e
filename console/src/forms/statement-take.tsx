import { Alert, Checkbox, Form, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { Problem } from "@/api/problem";
import { counted, type Statement } from "@/pages/statements/things";
import { useChoices, Word } from "@/ui/badge";
import { formatCount, formatMoney } from "@/util/money";
import { FormPanel } from "./form";
import { type Days, StatementDays, useLastMonth, useTaken } from "./statement-days";

interface Values extends Days {
  timed_by?: string;
  skip_wrong?: boolean;
}

/** Take a statement in: first what would be found, then, when that looks right, for good. */
export function StatementTake({
  open,
  supplier,
  onClose,
}: {
  open: boolean;
  supplier: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("statements");
  const begin = useLastMonth(supplier);
  const taken = useTaken();
  const [file, setFile] = useState<File>();
  const [preview, setPreview] = useState<{ of: string; found: Statement }>();
  const close = () => {
    setFile(undefined);
    setPreview(undefined);
    onClose();
  };
  const send = async (values: Values) => {
    if (file === undefined) {
      const said = { title: t("take.no_file"), detail: "", status: 0, code: "nothing" };
      throw new Problem({ type: "about:blank", ...said });
    }
    const of = JSON.stringify([values, file.name, file.size, file.lastModified]);
    const seen = preview?.of === of;
    const form = new FormData();
    for (const name of ["supplier", "first_on", "last_on"] as const) form.set(name, values[name]);
    if (values.timed_by) form.set("timed_by", values.timed_by);
    form.set("skip_wrong", String(values.skip_wrong ?? false));
    form.set("dry_run", String(!seen));
    form.set("file", file);
    const { data } = await http.POST("/v1/statements", {
      ...asForm(form),
    });
    if (data === undefined) return;
    if (!seen) {
      setPreview({ of, found: data });
      return;
    }
    await taken(data, close);
  };
  return (
    <FormPanel<Values>
      title={t("take.title")}
      about={t("take.about")}
      verb={t(preview ? "take.verb" : "take.preview")}
      open={open}
      onClose={close}
      initial={begin}
      send={send}
    >
      <StatementDays />
      <Form.Item label={t("take.file")} extra={t("take.file_hint")} required>
        <input
          type="file"
          aria-label={t("take.file")}
          accept=".xlsx,.xls,.csv,.txt"
          onChange={({ target }) => {
            setFile(target.files?.[0]);
            setPreview(undefined);
          }}
        />
      </Form.Item>
      <Form.Item name="timed_by" label={t("take.timed_by")} extra={t("take.timed_by_hint")}>
        <Select options={useChoices("timed_by")} allowClear />
      </Form.Item>
      <Form.Item name="skip_wrong" valuePropName="checked">
        <Checkbox>{t("take.skip_wrong")}</Checkbox>
      </Form.Item>
      {preview && <Preview found={preview.found} />}
    </FormPanel>
  );
}

/** What would be found; nothing is kept yet. */
function Preview({ found }: { found: Statement }) {
  const { t } = useTranslation("statements");
  const { total } = counted(found.tallies);
  return (
    <Alert
      type={found.wrong > 0 ? "warning" : "info"}
      showIcon
      role="status"
      title={t("take.found", { lines: formatCount(found.lines), total: formatCount(total) })}
      description={
        <>
          <div>
            {t("take.sums", {
              charged: formatMoney(found.charged, found.currency),
              matched: formatCount(found.matched),
            })}
          </div>
          {found.tallies.map((tally) => (
            <div key={tally.kind}>
              <Word of="finding" value={tally.kind} /> {formatCount(tally.total)} ·{" "}
              <span className="figures">{formatMoney(tally.difference, found.currency)}</span>
            </div>
          ))}
          {found.wrong > 0 && <div>{t("take.wrong", { count: found.wrong })}</div>}
          {found.problems.slice(0, 5).map((problem) => (
            <div key={`${problem.at} ${problem.code}`}>
              <span className="code">{problem.at}</span> {problem.detail}
            </div>
          ))}
        </>
      }
    />
  );
}
