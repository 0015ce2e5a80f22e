import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Limits = components["schemas"]["LimitsShown"];
interface Values {
  order_amount?: string;
  order_units?: number | null;
  refund_amount?: string;
}

/** Set the limits, all of them; an empty field is none. */
export function LimitsSet({
  limits,
  open,
  onClose,
}: {
  limits: Limits;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("limits");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (values: Values) => {
    const body = {
      order_amount: values.order_amount?.trim() || null,
      order_units: values.order_units ?? null,
      refund_amount: values.refund_amount?.trim() || null,
    };
    await http.PUT("/v1/order-limits", { body });
    await refresh("/v1/order-limits");
    onClose();
    say.done(t("saved"));
  };
  const initial = {
    ...(limits.order_amount ? { order_amount: limits.order_amount } : {}),
    ...(limits.order_units === null ? {} : { order_units: limits.order_units }),
    ...(limits.refund_amount ? { refund_amount: limits.refund_amount } : {}),
  };
  const amount = [{ pattern: /^\s*\d{1,8}(\.\d{1,2})?\s*$/, message: t("amount_rule") }];
  return (
    <FormPanel<Values>
      title={t("change")}
      about={t("form_about")}
      verb={t("save")}
      open={open}
      onClose={onClose}
      initial={initial}
      send={send}
    >
      <Form.Item
        name="order_amount"
        label={t("order_amount")}
        extra={t("order_amount_hint")}
        rules={amount}
      >
        <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 180 }} />
      </Form.Item>
      <Form.Item name="order_units" label={t("order_units")} extra={t("order_units_hint")}>
        <InputNumber min={0} max={1_000_000} precision={0} style={{ width: 180 }} />
      </Form.Item>
      <Form.Item
        name="refund_amount"
        label={t("refund_amount")}
        extra={t("refund_amount_hint")}
        rules={amount}
      >
        <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 180 }} />
      </Form.Item>
    </FormPanel>
  );
}
