import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

/** Freeze a supplier, or let it be bought from again: with a reason either way. */
export function SupplierFreeze({
  supplier,
  open,
  onClose,
}: {
  supplier: { code: string; name: string; frozen_because: string | null };
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const { code, name } = supplier;
  const frozen = supplier.frozen_because !== null;
  const send = async ({ reason }: { reason: string }) => {
    const sent = { params: { path: { code } }, body: { reason: reason.trim() } };
    if (frozen) await http.POST("/v1/suppliers/{code}/unfreeze", sent);
    else await http.POST("/v1/suppliers/{code}/freeze", sent);
    await refresh("/v1/supplier-overview", "/v1/prices", "/v1/prepaid");
    onClose();
    say.done(t(frozen ? "freeze.un_done" : "freeze.done", { name }));
  };
  return (
    <FormPanel<{ reason: string }>
      title={t(frozen ? "freeze.un_title" : "freeze.title", { name })}
      about={t(frozen ? "freeze.un_about" : "freeze.about")}
      verb={t(frozen ? "freeze.un_verb" : "freeze.verb")}
      danger={!frozen}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="reason"
        label={t("freeze.reason")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormPanel>
  );
}
