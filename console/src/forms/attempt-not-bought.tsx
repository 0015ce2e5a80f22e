import { Alert, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { type Attempt, useRefreshPurchases } from "@/pages/purchases/things";
import { useSay } from "@/ui/problem";
import { formatMoney } from "@/util/money";
import { FormPanel } from "./form";

interface Values {
  reason: string;
  evidence: string;
}

/** Nothing was bought: with what proves it. Above a limit two people must say so. */
export function AttemptNotBought({
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
  const send = async (body: Values) => {
    const { data } = await http.POST("/v1/supplier-orders/{attempt_id}/not-bought", {
      params: { path: { attempt_id: attempt.id } },
      body,
    });
    await refresh();
    onClose();
    const waits = data?.state === "manual";
    say.done(
      t(waits ? "not_bought.second" : "not_bought.done", {
        amount: formatMoney(attempt.total, attempt.currency),
      }),
    );
  };
  const required = [{ required: true, whitespace: true, message: shell("form.required") }];
  return (
    <FormPanel<Values>
      title={t("not_bought.title", { number: attempt.number })}
      verb={t("not_bought.verb")}
      danger
      open={open}
      onClose={onClose}
      send={send}
    >
      <Alert
        type="warning"
        showIcon
        style={{ marginBottom: 16 }}
        title={t("not_bought.final")}
        description={t("not_bought.final_about", {
          amount: formatMoney(attempt.total, attempt.currency),
          supplier: attempt.supplier_name,
        })}
      />
      <Form.Item name="reason" label={t("not_bought.reason")} rules={required}>
        <Input.TextArea rows={2} maxLength={500} placeholder={t("not_bought.reason_hint")} />
      </Form.Item>
      <Form.Item name="evidence" label={t("not_bought.evidence")} rules={required}>
        <Input.TextArea rows={2} maxLength={500} placeholder={t("not_bought.evidence_hint")} />
      </Form.Item>
    </FormPanel>
  );
}
