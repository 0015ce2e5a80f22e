import { InboxOutlined } from "@ant-design/icons";
import { Button, Card, DatePicker, Form, Input, Upload } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useSending } from "@/forms/form";
import { ProblemNote } from "@/ui/problem";
import type { Store } from "./frame";
import type { Comparison } from "./pilot";

interface Values {
  day?: Dayjs;
  text?: string;
}

/** Give the old way's sheet of a day: a file or some rows. */
export function Compare({
  store,
  onCompared,
}: {
  store: Store;
  onCompared: (result: Comparison) => void;
}) {
  const { t } = useTranslation("pilot");
  const may = useMay()("orders.write");
  const refresh = useRefresh();
  const [form] = Form.useForm<Values>();
  const [file, setFile] = useState<File | null>(null);
  const [empty, setEmpty] = useState(false);
  const { sending, error, submit } = useSending<Values>(form, async ({ day, text }) => {
    const pasted = text?.trim();
    setEmpty(!file && !pasted);
    if (!file && !pasted) return;
    const body = new FormData();
    if (file) body.set("file", file);
    else if (pasted) body.set("text", pasted);
    if (day) body.set("day", day.format("YYYY-MM-DD"));
    const { data } = await http.POST("/v1/stores/{code}/pilot/compare", {
      params: { path: { code: store.code } },
      ...asForm(body),
    });
    await refresh("/v1/stores/{code}/pilot", "/v1/stores/{code}/pilot/comparisons");
    if (data) onCompared(data as Comparison);
  });
  if (!may) {
    return (
      <Card size="small" title={t("compare.title")}>
        <span className="soft">{t("compare.may_not")}</span>
      </Card>
    );
  }
  return (
    <Card size="small" title={t("compare.title")}>
      <p className="soft" style={{ marginTop: 0 }}>
        {t("compare.about")}
      </p>
      <ProblemNote error={error} />
      <Form<Values> form={form} layout="vertical" onFinish={submit}>
        <Form.Item
          label={t("compare.file")}
          {...(empty ? { validateStatus: "error" as const, help: t("compare.nothing_given") } : {})}
        >
          <Upload.Dragger
            accept=".xlsx,.xls,.csv,.txt"
            maxCount={1}
            fileList={file ? [{ uid: "1", name: file.name, status: "done" }] : []}
            onRemove={() => setFile(null)}
            beforeUpload={(given) => {
              setFile(given);
              return false;
            }}
          >
            <InboxOutlined style={{ fontSize: 24 }} /> {t("compare.drop")}
          </Upload.Dragger>
        </Form.Item>
        {!file && (
          <Form.Item name="text" label={t("compare.paste")} extra={t("compare.paste_hint")}>
            <Input.TextArea rows={4} spellCheck={false} />
          </Form.Item>
        )}
        <Form.Item name="day" label={t("compare.day")} extra={t("compare.day_hint")}>
          <DatePicker />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={sending}>
          {t("compare.verb")}
        </Button>
      </Form>
    </Card>
  );
}
