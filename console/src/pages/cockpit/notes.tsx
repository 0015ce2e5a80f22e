import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { FormPanel } from "@/forms/form";
import { Act } from "@/ui/act";
import { Day } from "@/ui/day";
import { useSay } from "@/ui/problem";

type Note = components["schemas"]["AnnotationShape"];

/** What people wrote about days of the curve; who may change the catalogue adds and removes. */
export function Notes({ notes, today }: { notes: readonly Note[]; today: string }) {
  const { t } = useTranslation("cockpit");
  const mayWrite = useMay()("catalog.write");
  const [adding, setAdding] = useState(false);
  const refresh = useRefresh();
  const say = useSay();
  const remove = async (note: Note) => {
    try {
      await http.DELETE("/v1/annotations/{annotation_id}", {
        params: { path: { annotation_id: note.id } },
      });
      await refresh("/v1/cockpit/trend");
      say.done(t("notes.removed"));
    } catch (refused) {
      say.failed(refused);
    }
  };
  return (
    <aside className="notes" aria-label={t("notes.title")}>
      <header className="part-head">
        <h3>{t("notes.title")}</h3>
        {mayWrite && (
          <div className="acts">
            <Button size="small" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
              {t("notes.add")}
            </Button>
          </div>
        )}
      </header>
      {notes.length === 0 && <p className="soft">{t("notes.none")}</p>}
      <ol className="notes-list">
        {notes.toReversed().map((note) => (
          <li key={note.id}>
            <span className="figures soft">{note.on_day.slice(5)}</span>
            <span className="notes-text" title={note.by ?? undefined}>
              {note.text} {note.by && <span className="soft">{note.by}</span>}
            </span>
            {mayWrite && (
              <Act
                type="text"
                size="small"
                icon={<CloseOutlined />}
                aria-label={t("notes.remove", { text: note.text })}
                onClick={() => remove(note)}
              />
            )}
          </li>
        ))}
      </ol>
      <FormPanel<{ on_day: string; text: string }>
        title={t("notes.add")}
        about={t("notes.about")}
        verb={t("notes.add")}
        open={adding}
        onClose={() => setAdding(false)}
        initial={{ on_day: today }}
        send={async (body) => {
          await http.POST("/v1/annotations", { body });
          await refresh("/v1/cockpit/trend");
          setAdding(false);
          say.done(t("notes.added"));
        }}
      >
        <NoteFields />
      </FormPanel>
    </aside>
  );
}

function NoteFields() {
  const { t } = useTranslation("cockpit");
  const { t: shell } = useTranslation("shell");
  const required = { required: true, whitespace: true, message: shell("form.required") };
  return (
    <>
      <Form.Item name="on_day" label={t("notes.day")} rules={[required]}>
        <Day needed width={160} />
      </Form.Item>
      <Form.Item name="text" label={t("notes.text")} rules={[required]}>
        <Input.TextArea rows={3} maxLength={200} autoFocus />
      </Form.Item>
    </>
  );
}
