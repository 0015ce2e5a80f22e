import { Alert, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useMe } from "@/api/me";
import { Problem } from "@/api/problem";
import { useSuppliers } from "@/pages/purchases/things";
import { counted, type Statement, useRefreshStatements } from "@/pages/statements/things";
import { paths } from "@/paths";
import { useChoices, Word } from "@/ui/badge";
import { useSay } from "@/ui/problem";
import { formatCount, formatMoney } from "@/util/money";
import { dayIn } from "@/util/time";
import { FormPanel } from "./form";

interface Values {
  supplier: string;
  first_on: string;
  last_on: string;
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
  const { t: shell } = useTranslation("shell");
  const zone = useMe().tenant.timezone;
  const navigate = useNavigate();
  const refresh = useRefreshStatements();
  const say = useSay();
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
      body: form as never,
      bodySerializer: (body) => body as never,
    });
    if (data === undefined) return;
    if (!seen) {
      setPreview({ of, found: data });
      return;
    }
    await refresh();
    close();
    say.done(t(data.is_new ? "take.done" : "take.known"));
    if (data.id) navigate(paths.supplierStatement(data.id));
  };
  const required = [{ required: true, message: shell("form.required") }];
  const [first, last] = lastMonth(zone);
  return (
    <FormPanel<Values>
      title={t("take.title")}
      about={t("take.about")}
      verb={t(preview ? "take.verb" : "take.preview")}
      open={open}
      onClose={close}
      initial={{ first_on: first, last_on: last, ...(supplier ? { supplier } : {}) }}
      send={send}
    >
      <Form.Item name="supplier" label={t("supplier")} rules={required}>
        <Select options={useSuppliers()} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="first_on" label={t("take.first_on")} rules={required}>
        <Input type="date" style={{ width: 180 }} />
      </Form.Item>
      <Form.Item name="last_on" label={t("take.last_on")} rules={required}>
        <Input type="date" style={{ width: 180 }} />
      </Form.Item>
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
              charged: formatMoney(found.charged),
              matched: formatCount(found.matched),
            })}
          </div>
          {found.tallies.map((tally) => (
            <div key={tally.kind}>
              <Word of="finding" value={tally.kind} /> {formatCount(tally.total)} ·{" "}
              <span className="figures">{formatMoney(tally.difference)}</span>
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

/** The first and the last day of the month before this one, in the shop's zone. */
export function lastMonth(zone: string): [string, string] {
  const [year = 0, month = 0] = dayIn(zone).split("-").map(Number);
  const written = (at: Date) => at.toISOString().slice(0, 10);
  return [
    written(new Date(Date.UTC(year, month - 2, 1))),
    written(new Date(Date.UTC(year, month - 1, 0))),
  ];
}
