import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormPanel } from "./form";

/** The password again, where it is asked for. */
export interface Proof {
  password?: string;
}

/** The password again, where the session isn't fresh: a field of any form of one's account. */
export function ProofField({ fresh }: { fresh: boolean }) {
  const { t } = useTranslation("account");
  const { t: shell } = useTranslation("shell");
  if (fresh) return null;
  return (
    <Form.Item
      name="password"
      label={t("second.password")}
      extra={t("second.password_hint")}
      rules={[{ required: true, message: shell("form.required") }]}
    >
      <Input.Password autoComplete="current-password" />
    </Form.Item>
  );
}

/** Do something to one's own account, having proved who one is. */
export function AccountProof({
  deed,
  fresh,
  onClose,
}: {
  deed: {
    title: string;
    about?: string;
    verb: string;
    danger?: boolean;
    send: (proof: Proof) => Promise<void>;
  } | null;
  fresh: boolean;
  onClose: () => void;
}) {
  return (
    <FormPanel<{ password?: string }>
      title={deed?.title ?? ""}
      about={deed?.about}
      verb={deed?.verb ?? ""}
      danger={deed?.danger ?? false}
      open={deed !== null}
      onClose={onClose}
      send={async ({ password }) => {
        await deed?.send(password ? { password } : {});
        onClose();
      }}
    >
      <ProofField fresh={fresh} />
    </FormPanel>
  );
}
