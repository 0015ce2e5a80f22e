import { Form, Input, InputNumber, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { Problem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { refreshApprovals } from "@/pages/orders/approval-panel";
import { nameOf } from "@/pages/orders/columns";
import type { Order } from "@/pages/orders/list";
import { useSay } from "@/ui/problem";
import { e4, formatMoney, fromE4 } from "@/util/money";
import { FormPanel, useConfirm } from "./form";
import { useWhole } from "./whole";

interface Values {
  how: "all" | "part";
  refund_id: string;
  lines?: Record<string, { quantity?: number | null; amount?: string }>;
}

/** Give back money and units of an order: all that is left, or some of its lines. */
export function OrderRefund({
  order,
  open,
  onClose,
}: {
  order: Order;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("orders");
  const { t: waits } = useTranslation("approvals");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const left = formatMoney(fromE4(e4(order.total) - e4(order.refunded_amount)), order.currency);
  const send = async (values: Values) => {
    const lines = values.how === "all" ? [] : wanted(values);
    if (values.how === "part" && lines.length === 0) {
      const said = { title: t("refund.nothing"), detail: "", status: 0, code: "nothing" };
      throw new Problem({ type: "about:blank", ...said });
    }
    const params = { path: { order_id: order.order_id } };
    confirm({
      title: values.how === "all" ? t("refund.sure", { amount: left }) : t("refund.sure_part"),
      about: t("refund.sure_about"),
      verb: t("refund.verb"),
      danger: true,
      send: async () => {
        const body = { refund_id: values.refund_id, lines };
        const { data } = await http.POST("/v1/orders/{order_id}/refunds", { params, body });
        onClose();
        if (data && "approval_id" in data) {
          await refreshApprovals(refresh);
          say.done(waits("waits"), waits("waits_refund"));
          return;
        }
        await refreshOrder(refresh);
        say.done(t("refund.done", { amount: formatMoney(data?.amount ?? "0", order.currency) }));
      },
    });
  };
  return (
    <FormPanel<Values>
      title={t("refund.title")}
      about={t("refund.about")}
      verb={t("refund.title")}
      danger
      open={open}
      onClose={onClose}
      initial={{ how: "all", refund_id: `R${Date.now().toString(36).toUpperCase()}` }}
      send={send}
    >
      <Form.Item name="how" label={t("refund.how")} required>
        <Radio.Group
          vertical
          options={[
            { value: "all", label: t("refund.all", { amount: left }) },
            { value: "part", label: t("refund.part") },
          ]}
        />
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {({ getFieldValue }) => getFieldValue("how") === "part" && <Lines order={order} />}
      </Form.Item>
      <Form.Item
        name="refund_id"
        label={t("refund.number")}
        extra={t("refund.number_hint")}
        rules={[{ required: true, pattern: /^[!-~]{1,64}$/, message: t("manual.number_rule") }]}
      >
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
    </FormPanel>
  );
}

function Lines({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const whole = useWhole();
  return order.lines.map((line) => (
    <fieldset key={line.number} className="plain-fields">
      <legend>{t("refund.line", { line: line.number, name: nameOf(line) })}</legend>
      <Form.Item
        name={["lines", String(line.number), "quantity"]}
        label={t("refund.units", { count: line.delivered + line.waiting })}
        rules={whole(0, line.delivered + line.waiting)}
      >
        <InputNumber precision={0} />
      </Form.Item>
      <Form.Item
        name={["lines", String(line.number), "amount"]}
        label={t("refund.amount")}
        rules={[{ pattern: /^\d{1,8}(\.\d{1,2})?$/, message: t("manual.price_rule") }]}
      >
        <Input inputMode="decimal" autoComplete="off" style={{ width: 160 }} />
      </Form.Item>
    </fieldset>
  ));
}

function wanted({ lines = {} }: Values) {
  return Object.entries(lines)
    .map(([line, { quantity, amount }]) => ({
      line: Number(line),
      quantity: quantity ?? 0,
      ...(amount ? { amount } : {}),
    }))
    .filter((line) => line.quantity > 0 || line.amount !== undefined);
}

/** Read an order again, and all that is told of it. */
export async function refreshOrder(refresh: ReturnType<typeof useRefresh>): Promise<void> {
  await refresh(
    "/v1/orders",
    "/v1/orders/{order_id}",
    "/v1/orders/{order_id}/timeline",
    "/v1/orders/{order_id}/money",
  );
}
