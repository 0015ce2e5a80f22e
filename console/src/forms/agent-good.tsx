import { Form, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Chooser } from "@/things/chooser";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Good = components["schemas"]["GoodShown"];

interface Values {
  sku: string;
  buffer: number;
}

/** Put a SKU on sale to agents, or change how many of it they aren't shown. */
export function AgentGood({
  good,
  open,
  onClose,
}: {
  good: Good | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ sku, buffer }: Values) => {
    await http.PUT("/v1/agent-goods", { body: { goods: [{ sku, on_sale: true, buffer }] } });
    await refresh("/v1/agent-goods", "/v1/customers/{code}/prices");
    onClose();
    say.done(t("goods.saved"));
  };
  return (
    <FormPanel<Values>
      title={good ? t("goods.change") : t("goods.add")}
      verb={good ? shell("do.save") : t("goods.open")}
      open={open}
      onClose={onClose}
      initial={good ? { sku: good.sku, buffer: good.buffer } : { buffer: 0 }}
      send={send}
    >
      <Form.Item
        name="sku"
        label={t("goods.sku")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Chooser of="sku" active stocked disabled={good !== undefined} />
      </Form.Item>
      <Form.Item
        name="buffer"
        label={t("goods.buffer")}
        extra={t("goods.buffer_hint")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <InputNumber min={0} max={1_000_000} precision={0} style={{ width: "100%" }} />
      </Form.Item>
    </FormPanel>
  );
}
