import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useChoices } from "@/ui/badge";
import { useSay } from "@/ui/problem";
import { formatMoney, isNegative } from "@/util/money";
import { AMOUNT } from "./agent-terms";
import { FormPanel } from "./form";

type Agent = components["schemas"]["AgentShown"];
type Move = components["schemas"]["MoveShown"];

interface Values {
  amount: string;
  method: Move["method"];
  reference: string;
  reason?: string;
}

/** Note that an agent's money came or went; above its limit somebody else approves. */
export function WalletMove({
  agent,
  kind,
  onClose,
}: {
  agent: Agent;
  /** What is noted; null: the form is closed. */
  kind: Move["kind"] | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const methods = useChoices("cash_method");
  const alone = agent.alone_max ?? "0";
  const send = async (values: Values) => {
    if (kind === null) return;
    const params = { path: { code: agent.customer } };
    const body = { kind, ...values, reason: values.reason ?? "" };
    const { data } = await http.POST("/v1/customers/{code}/wallet-moves", { params, body });
    await refresh(
      "/v1/wallet-moves",
      "/v1/customers",
      "/v1/customers/{code}",
      "/v1/customers/{code}/agent",
      "/v1/customers/{code}/wallet-statement",
    );
    onClose();
    say.done(data?.state === "posted" ? t("wallet.posted") : t("wallet.asked_done"));
  };
  const required = { required: true, message: shell("form.required") };
  const some = /[1-9]/.test(alone) && !isNegative(alone);
  return (
    <FormPanel<Values>
      title={t(kind === "withdrawal" ? "wallet.withdrawal" : "wallet.deposit")}
      about={`${t("wallet.move_about")} ${
        some ? t("wallet.move_alone", { amount: formatMoney(alone) }) : t("wallet.move_another")
      }`}
      verb={t(kind === "withdrawal" ? "wallet.withdrawal" : "wallet.deposit")}
      open={kind !== null}
      onClose={onClose}
      initial={{ method: "alipay" }}
      send={send}
    >
      <Form.Item
        name="amount"
        label={t("wallet.amount")}
        rules={[{ required: true, pattern: AMOUNT, message: t("terms.amount_rule") }]}
      >
        <Input prefix="¥" inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="method" label={t("wallet.method")} rules={[required]}>
        <Select options={methods} />
      </Form.Item>
      <Form.Item
        name="reference"
        label={t("wallet.reference")}
        extra={t("wallet.reference_hint")}
        rules={[{ ...required, whitespace: true }]}
      >
        <Input maxLength={100} autoComplete="off" className="code" />
      </Form.Item>
      <Form.Item name="reason" label={t("wallet.reason")}>
        <Input maxLength={500} autoComplete="off" />
      </Form.Item>
    </FormPanel>
  );
}
