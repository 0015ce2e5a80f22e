import { Button, Form, Input } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useSending } from "@/forms/form";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { ACTS, type Matter } from "./kinds";

/** What was written about a row, the latest first, and what is to be added. Never a card. */
export function Notes({ row, gone, focus }: { row: Matter; gone: boolean; focus: boolean }) {
  const { t } = useTranslation("desk");
  const may = useMay();
  const query = row.order_id ? { id: row.id, order_id: row.order_id } : { id: row.id };
  const asked = api.useQuery("get", "/v1/desk/notes", { params: { query } });
  const notes = asked.data?.notes ?? [];
  return (
    <section aria-label={t("notes.title")}>
      <h3 className="desk-section">{t("notes.title")}</h3>
      {may(ACTS) && !gone && <NoteForm key={row.id} row={row} focus={focus} />}
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {notes.length === 0 && !asked.isPending && <p className="soft">{t("notes.none")}</p>}
      <ul className="desk-notes">
        {notes.map((note) => (
          <li key={note.id}>
            <span className="soft">
              {note.who} · <Time at={note.at} />
            </span>
            <div>{note.text}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoteForm({ row, focus }: { row: Matter; focus: boolean }) {
  const { t } = useTranslation("desk");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<{ text: string }>();
  const box = useRef<TextAreaRef>(null);
  const refresh = useRefresh();
  useEffect(() => {
    // When the drawer has come, so that it doesn't take the focus for itself.
    const later = focus ? setTimeout(() => box.current?.focus(), 0) : undefined;
    return () => clearTimeout(later);
  }, [focus]);
  const { sending, error, submit } = useSending(form, async ({ text }) => {
    const { data } = await http.POST("/v1/desk/notes", {
      body: { rows: [{ kind: row.kind, id: row.id }], text },
    });
    const refused = data?.outcomes[0]?.problem;
    if (refused) {
      form.setFields([{ name: "text", errors: [refused.detail] }]);
      return;
    }
    form.resetFields();
    await refresh("/v1/desk/notes", "/v1/desk");
  });
  return (
    <Form form={form} onFinish={submit} layout="vertical">
      <ProblemNote error={error} />
      <Form.Item
        name="text"
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
        extra={t("notes.hint")}
      >
        <Input.TextArea
          ref={box}
          aria-label={t("notes.add")}
          placeholder={t("notes.add")}
          maxLength={1000}
          rows={2}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.submit();
          }}
        />
      </Form.Item>
      <Button htmlType="submit" loading={sending}>
        {t("notes.keep")}
      </Button>
    </Form>
  );
}
