import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { FormPanel } from "@/forms/form";
import { useSay } from "@/ui/problem";
import type { Matter } from "./kinds";

/** The same note about each of the chosen rows. */
export function BulkNote({ rows, onDone }: { rows: readonly Matter[]; onDone: () => void }) {
  const { t } = useTranslation("desk");
  const { t: shell } = useTranslation("shell");
  const [open, setOpen] = useState(false);
  const say = useSay();
  const refresh = useRefresh();
  const send = async ({ text }: { text: string }) => {
    const body = { rows: rows.map(({ kind, id }) => ({ kind, id })), text };
    const { data } = await http.POST("/v1/desk/notes", { body });
    setOpen(false);
    say.done(t("notes.kept", { count: data?.noted ?? 0 }));
    onDone();
    await refresh("/v1/desk", "/v1/desk/notes");
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("notes.add")}</Button>
      <FormPanel<{ text: string }>
        title={t("notes.add")}
        about={t("bulk.of", { count: rows.length })}
        verb={t("notes.keep")}
        open={open}
        onClose={() => setOpen(false)}
        send={send}
      >
        <Form.Item
          name="text"
          label={t("notes.title")}
          extra={t("notes.hint")}
          rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
        >
          <Input.TextArea maxLength={1000} rows={3} />
        </Form.Item>
      </FormPanel>
    </>
  );
}
