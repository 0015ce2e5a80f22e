import { Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import type { Order } from "@/pages/orders/list";
import { CardsShown } from "./cards-shown";
import { FormPanel } from "./form";
import { refreshOrder } from "./order-refund";

type Card = components["schemas"]["CardAnswer"];

/** See the cards of an order, after saying why and for whom. They are shown for half a minute. */
export function OrderReveal({
  order,
  open,
  onClose,
}: {
  order: Order;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("orders");
  const { t: shell } = useTranslation("shell");
  const [cards, setCards] = useState<Card[] | null>(null);
  const refresh = useRefresh();
  const send = async (body: { reason: string; recipient: string }) => {
    const params = { path: { order_id: order.order_id } };
    const { data } = await http.POST("/v1/orders/{order_id}/reveal", { params, body });
    onClose();
    setCards(data ?? []);
    await refreshOrder(refresh);
  };
  return (
    <>
      <FormPanel
        title={t("reveal.title")}
        about={t("reveal.about")}
        verb={t("reveal.verb")}
        open={open}
        onClose={onClose}
        send={send}
      >
        <Form.Item
          name="reason"
          label={t("reveal.reason")}
          rules={[{ required: true, min: 2, whitespace: true, message: t("reveal.reason_rule") }]}
        >
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
        <Form.Item
          name="recipient"
          label={t("reveal.recipient")}
          extra={t("reveal.recipient_hint")}
          rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
        >
          <Input autoComplete="off" maxLength={200} />
        </Form.Item>
      </FormPanel>
      {cards && <CardsShown cards={cards} onClose={() => setCards(null)} />}
    </>
  );
}
