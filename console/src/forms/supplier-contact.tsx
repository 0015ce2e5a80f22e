import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  role: string;
  name?: string;
  phone?: string;
  account?: string;
}

/** Note whom we talk to at a supplier: no more of a person than is needed. */
export function SupplierContact({
  code,
  open,
  onClose,
}: {
  code: string;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ role, name = "", phone = "", account = "" }: Values) => {
    const body = { role: role.trim(), name, phone, account };
    await http.POST("/v1/suppliers/{code}/contacts", { params: { path: { code } }, body });
    await refresh("/v1/suppliers/{code}/contacts");
    onClose();
    say.done(t("contacts.added"));
  };
  return (
    <FormPanel<Values>
      title={t("contacts.add")}
      about={t("contacts.about")}
      verb={t("contacts.verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="role"
        label={t("contacts.role")}
        extra={t("contacts.role_hint")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      {(["name", "phone", "account"] as const).map((field) => (
        <Form.Item key={field} name={field} label={t(`contacts.${field}`)}>
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
      ))}
    </FormPanel>
  );
}
