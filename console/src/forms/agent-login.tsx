import { Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { FormPanel } from "./form";

type Made = components["schemas"]["LoginMade"];

const DIALECTS = ["dujiao_next", "agiso"] as const;

interface Values {
  dialect: (typeof DIALECTS)[number];
  name: string;
}

/** Make what an agent's system signs in as; its secrets are told once. */
export function AgentLogin({
  code,
  open,
  onClose,
  onMade,
}: {
  code: string;
  open: boolean;
  onClose: () => void;
  onMade: (made: Made) => void;
}) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const send = async (body: Values) => {
    const params = { path: { code } };
    const { data } = await http.POST("/v1/customers/{code}/logins", { params, body });
    await refresh("/v1/customers/{code}/logins");
    onClose();
    if (data) onMade(data);
  };
  return (
    <FormPanel<Values>
      title={t("logins.make")}
      verb={t("logins.make")}
      open={open}
      onClose={onClose}
      initial={{ dialect: "dujiao_next" }}
      send={send}
    >
      <Form.Item name="dialect" label={t("logins.dialect")}>
        <Radio.Group
          vertical
          options={DIALECTS.map((value) => ({ value, label: t(`logins.dialects.${value}`) }))}
        />
      </Form.Item>
      <Form.Item
        name="name"
        label={t("logins.name")}
        extra={t("logins.name_hint")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
    </FormPanel>
  );
}
