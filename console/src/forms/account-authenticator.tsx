import { Form, Input, QRCode } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { Me } from "@/api/me";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { ProofField } from "./account-proof";
import { FormPanel } from "./form";

type Shown = components["schemas"]["AuthenticatorShown"];

/** Scan, then prove that it works: only then is it in force. The key lives in this form only. */
export function AccountAuthenticator({
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
  const say = useSay();
  const [shown, setShown] = useState<Shown | null>(null);
  const close = () => {
    setShown(null);
    onClose();
  };
  const send = async ({ password, code }: { password?: string; code?: string }) => {
    if (shown === null) {
      const body = password ? { password } : {};
      const { data } = await http.POST("/v1/me/second-factor/authenticator", { body });
      if (data) setShown(data);
      return;
    }
    const path = "/v1/me/second-factor/authenticator/confirm";
    const { data } = await http.POST(path, { body: { code: code?.replaceAll(" ", "") ?? "" } });
    setShown(null);
    say.done(t("second.on_done"));
    if (data) await onAdded(data.me, data.recovery_codes);
  };
  return (
    <FormPanel
      title={t("second.begin")}
      about={shown ? t("second.scan") : t("second.about")}
      verb={shown ? t("second.confirm") : t("second.go_on")}
      open={open}
      onClose={close}
      send={send}
    >
      {shown === null ? (
        <ProofField fresh={fresh} />
      ) : (
        <>
          <div style={{ marginBottom: 12 }}>
            <QRCode
              aria-label={t("second.scan_label")}
              value={shown.uri}
              type="canvas"
              size={200}
              color="black" // in dark rooms too: cameras want dark on light
              bgColor="white"
            />
          </div>
          <p>
            {t("second.secret")} <code className="code">{shown.secret}</code>
          </p>
          <Form.Item
            name="code"
            label={t("second.code")}
            rules={[{ required: true, pattern: /^\d{3} ?\d{3}$/, message: t("second.code_rule") }]}
          >
            <Input autoComplete="one-time-code" inputMode="numeric" maxLength={7} autoFocus />
          </Form.Item>
        </>
      )}
    </FormPanel>
  );
}
