import { Alert, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { cardsOf } from "@/pages/desk/fields";
import { type Attempt, useRefreshPurchases } from "@/pages/purchases/things";
import { useSay } from "@/ui/problem";
import { formatMoney, signOf } from "@/util/money";
import { FormPanel } from "./form";
import { PRICE } from "./purchase-new";

interface Values {
  cards?: string;
  charged?: string;
  their_number?: string;
  receipt?: string;
}

/** It was bought: hand in what came. The cards are in this form only while it is open. */
export function AttemptBought({
  attempt,
  open,
  onClose,
}: {
  attempt: Attempt;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("purchases");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefreshPurchases();
  const say = useSay();
  const isTopup = attempt.goods === "topup";
  const send = async (values: Values) => {
    const { data } = await http.POST("/v1/supplier-orders/{attempt_id}/bought", {
      params: { path: { attempt_id: attempt.id } },
      body: {
        cards: cardsOf(values.cards ?? ""),
        their_number: values.their_number?.trim() ?? "",
        charged: values.charged?.trim() || null,
        receipt: values.receipt?.trim() ?? "",
      },
    });
    await refresh();
    onClose();
    const away = data?.turned_away ?? 0;
    say.done(
      t("bought.done", { count: data?.received ?? 0 }),
      away > 0 ? t("bought.away", { count: away }) : undefined,
    );
  };
  const required = [{ required: true, whitespace: true, message: shell("form.required") }];
  return (
    <FormPanel<Values>
      title={t("bought.title", { number: attempt.number })}
      about={t("bought.about", { supplier: attempt.supplier_name, number: attempt.number })}
      verb={t("bought.verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Alert
        type="warning"
        showIcon
        style={{ marginBottom: 16 }}
        title={t("bought.final")}
        description={t(isTopup ? "bought.final_topup" : "bought.final_cards")}
      />
      {!isTopup && (
        <Form.Item
          name="cards"
          label={t("bought.cards", { count: attempt.quantity * attempt.units })}
          extra={t("bought.cards_hint")}
          rules={required}
        >
          <Input.TextArea rows={5} autoComplete="off" spellCheck={false} className="code" />
        </Form.Item>
      )}
      <Form.Item
        name="their_number"
        label={t("bought.their_number")}
        rules={isTopup ? required : []}
      >
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      {isTopup && (
        <Form.Item name="receipt" label={t("bought.receipt")}>
          <Input autoComplete="off" maxLength={500} />
        </Form.Item>
      )}
      <Form.Item
        name="charged"
        label={t("bought.charged")}
        extra={t("bought.charged_hint", { amount: formatMoney(attempt.total, attempt.currency) })}
        rules={[{ pattern: PRICE, message: t("new.price_rule") }]}
      >
        <Input
          inputMode="decimal"
          autoComplete="off"
          prefix={signOf(attempt.currency)}
          style={{ width: 160 }}
        />
      </Form.Item>
    </FormPanel>
  );
}
