import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  code: string;
  name: string;
  priority: number;
}

/** Add a warehouse. */
export function WarehouseAdd({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("stock");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (body: Values) => {
    await http.POST("/v1/warehouses", { body });
    await refresh("/v1/warehouses");
    onClose();
    say.done(t("warehouses.done", { name: body.name }));
  };
  return (
    <FormPanel<Values>
      title={t("warehouses.add")}
      about={t("warehouses.add_about")}
      verb={t("warehouses.add_verb")}
      open={open}
      onClose={onClose}
      initial={{ priority: 100 }}
      send={send}
    >
      <Form.Item
        name="name"
        label={t("warehouses.name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item
        name="code"
        label={t("warehouses.code")}
        rules={[
          {
            required: true,
            pattern: /^[a-z0-9][a-z0-9-]{0,39}$/,
            message: t("warehouses.code_rule"),
          },
        ]}
      >
        <Input autoComplete="off" autoCapitalize="none" maxLength={40} />
      </Form.Item>
      <Form.Item
        name="priority"
        label={t("warehouses.priority")}
        extra={t("warehouses.priority_means")}
      >
        <InputNumber min={0} max={10_000} precision={0} style={{ width: 160 }} />
      </Form.Item>
    </FormPanel>
  );
}
