import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { Me } from "@/api/me";
import { useSay } from "@/ui/problem";
import { makePasskey } from "@/util/passkeys";
import { ProofField } from "./account-proof";
import { FormPanel } from "./form";

/** Have the browser make a passkey, and register it. */
export function AccountPasskey({
  open,
  fresh,
  onClose,
  onAdded,
}: {
  open: boolean;
  fresh: boolean;
  onClose: () => void;
  onAdded: (me: Me, codes: readonly string[]) => Promise<void>;
}) {
  const { t } = useTranslation("account");
  const { t: shell } = useTranslation("shell");
  const say = useSay();
  const send = async ({ name, password }: { name: string; password?: string }) => {
    const body = password ? { password } : {};
    const { data: asked } = await http.POST("/v1/me/passkeys/options", { body });
    const passkey = asked && (await makePasskey(asked.options));
    if (!passkey) return; // they changed their mind; the form stays
    const { data } = await http.POST("/v1/me/passkeys", { body: { name, passkey } });
    say.done(t("second.passkey_added"));
    if (data) await onAdded(data.me, data.recovery_codes);
  };
  return (
    <FormPanel
      title={t("second.passkey_add")}
      verb={t("second.passkey_add")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="name"
        label={t("second.passkey_name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
      <ProofField fresh={fresh} />
    </FormPanel>
  );
}
