import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { type Purchase, useRefreshPurchases } from "@/pages/purchases/things";
import { Chooser } from "@/things/chooser";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { PRICE } from "./purchase-new";
import { useWhole } from "./whole";

interface Values {
  quantity: number;
  unit_cost_max?: string;
  supplier?: string;
  warehouse?: string;
}

/** Change what is wanted while nothing is under way; above a limit it is approved anew. */
export function PurchaseChange({
  purchase,
  open,
  onClose,
}: {
  purchase: Purchase;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("purchases");
  const whole = useWhole();
  const { t: shell } = useTranslation("shell");
  const refresh = useRefreshPurchases();
  const say = useSay();
  const send = async (values: Values, sure: boolean) => {
    const most = values.unit_cost_max?.trim();
    const body: components["schemas"]["PurchaseChange"] = {
      quantity: values.quantity,
      supplier: values.supplier ?? null,
      ...(most ? { unit_cost_max: most } : {}),
      ...(values.warehouse ? { warehouse: values.warehouse } : {}),
      confirm: sure,
    };
    const params = { path: { purchase_id: purchase.id } };
    await http.PATCH("/v1/purchases/{purchase_id}", { params, body });
    await refresh();
    onClose();
    say.done(t("change.done"));
  };
  return (
    <FormPanel<Values>
      title={t("change.title")}
      about={t("change.about")}
      verb={t("change.verb")}
      open={open}
      onClose={onClose}
      initial={{
        quantity: purchase.quantity,
        ...(purchase.unit_cost_max ? { unit_cost_max: purchase.unit_cost_max } : {}),
        ...(purchase.supplier ? { supplier: purchase.supplier } : {}),
        ...(purchase.warehouse ? { warehouse: purchase.warehouse } : {}),
      }}
      send={send}
    >
      <Form.Item
        name="quantity"
        label={t("new.quantity")}
        rules={[{ required: true, message: shell("form.required") }, ...whole(1, 10_000)]}
      >
        <InputNumber precision={0} style={{ width: 160 }} />
      </Form.Item>
      <Form.Item
        name="unit_cost_max"
        label={t("new.unit_cost_max")}
        rules={[{ pattern: PRICE, message: t("new.price_rule") }]}
      >
        <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="supplier" label={t("new.supplier")} extra={t("new.supplier_hint")}>
        <Chooser of="supplier" allowClear />
      </Form.Item>
      {purchase.warehouse && (
        <Form.Item name="warehouse" label={t("new.warehouse")}>
          <Chooser of="warehouse" />
        </Form.Item>
      )}
    </FormPanel>
  );
}
