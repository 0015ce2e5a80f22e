import { Alert, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { saveFile } from "@/util/files";
import { FormPanel } from "./form";

type Row = components["schemas"]["PersonalShown"];

export interface PersonalDeed {
  readonly does: "export" | "erase";
  readonly rows: readonly Row[];
}

/** Give what is kept of somebody to them, or erase it: with the reason, which is on record. */
export function PersonalAct({
  deed,
  onClose,
  onDone,
}: {
  deed: PersonalDeed | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation("personal");
  const say = useSay();
  const does = deed?.does ?? "export";
  const rows = deed?.rows ?? [];
  const send = async ({ reason }: { reason: string }) => {
    const body = { orders: rows.map((row) => row.id), reason: reason.trim() };
    if (does === "export") {
      const { data } = await http.POST("/v1/personal-data/export", { body, parseAs: "blob" });
      saveFile(data as Blob, "personal-data.json");
      say.done(t("export.done"));
    } else {
      const { data } = await http.POST("/v1/personal-data/erase", { body });
      const left = data?.under_way ?? [];
      const more = left.length > 0 ? t("erase.left", { numbers: left.join("、") }) : undefined;
      say.done(t("erase.done", { count: data?.erased ?? 0 }), more);
    }
    onDone();
  };
  return (
    <FormPanel<{ reason: string }>
      title={t(`${does}.title`, { count: rows.length })}
      about={t(`${does}.about`)}
      verb={t(`${does}.verb`)}
      open={deed !== null}
      onClose={onClose}
      danger={does === "erase"}
      send={send}
    >
      {rows.length === 0 && <Alert type="warning" showIcon title={t(`${does}.none`)} />}
      <ul className="plain-steps">
        {rows.map((row) => (
          <li key={row.id}>
            {row.number} {row.buyer && <span className="soft">{row.buyer}</span>}
          </li>
        ))}
      </ul>
      <Form.Item
        name="reason"
        label={t("reason")}
        extra={t("reason_hint")}
        rules={[{ required: true, min: 2, whitespace: true, message: t("reason_rule") }]}
        style={{ marginTop: 16 }}
      >
        <Input.TextArea rows={2} maxLength={200} />
      </Form.Item>
    </FormPanel>
  );
}
