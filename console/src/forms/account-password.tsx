import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useBecome } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

const MINIMUM = 10;

interface Values {
  old: string;
  new: string;
  again: string;
}

/** Choose another password; this session goes on, with a token of its own. */
export function AccountPassword({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("account");
  const { t: shell } = useTranslation("shell");
  const become = useBecome();
  const refresh = useRefresh();
  const say = useSay();
  const send = async (values: Values) => {
    const body = { old: values.old, new: values.new };
    const { data } = await http.PUT("/v1/me/password", { body });
    if (data) become(data);
    await refresh("/v1/me/sessions");
    onClose();
    say.done(t("password.done"));
  };
  const required = { required: true, message: shell("form.required") };
  return (
    <FormPanel<Values>
      title={t("password.change")}
      about={t("password.about")}
      verb={t("password.change")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item name="old" label={t("password.old")} rules={[required]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item
        name="new"
        label={t("password.new")}
        extra={t("password.rule")}
        rules={[required, { min: MINIMUM, message: t("password.rule") }]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={t("password.again")}
        dependencies={["new"]}
        rules={[
          required,
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              !value || value === getFieldValue("new")
                ? Promise.resolve()
                : Promise.reject(new Error(t("password.differ"))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </FormPanel>
  );
}
