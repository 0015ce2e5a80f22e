import { Form, Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useChoices } from "@/ui/badge";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Agent = components["schemas"]["AgentShown"];

interface Values {
  state: Agent["state"];
  credit_max: string;
  alone_max: string;
  stock_shown: Agent["stock_shown"];
}

/** Two decimals at most: agents' money is whole fen. */
export const AMOUNT = /^\d{1,12}(\.\d{1,2})?$/;

/** "100.0000" as somebody would type it: "100.00". */
export function typedAmount(written: string): string {
  return written.replace(/(\.\d\d)\d*$/, "$1");
}

/** On what terms an agent buys: without `agent` the customer becomes one. */
export function AgentTerms({
  code,
  name,
  agent,
  open,
  onClose,
}: {
  code: string;
  name: string;
  agent: Agent | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const states = useChoices("agent");
  const send = async (body: Values) => {
    await http.PUT("/v1/customers/{code}/agent", { params: { path: { code } }, body });
    await refresh("/v1/customers", "/v1/customers/{code}", "/v1/customers/{code}/agent");
    onClose();
    say.done(agent ? t("terms.saved") : t("one.made_agent", { name }));
  };
  const amount = { required: true, pattern: AMOUNT, message: t("terms.amount_rule") };
  return (
    <FormPanel<Values>
      title={agent ? t("terms.title") : t("one.make_agent")}
      about={agent ? undefined : t("one.make_agent_about")}
      verb={agent ? shell("do.save") : t("one.make_agent")}
      open={open}
      onClose={onClose}
      initial={{
        state: agent?.state ?? "open",
        credit_max: typedAmount(agent?.credit_max ?? "0.00"),
        alone_max: typedAmount(agent?.alone_max ?? "0.00"),
        stock_shown: agent?.stock_shown ?? "banded",
      }}
      send={send}
    >
      <Form.Item
        name="credit_max"
        label={t("terms.credit")}
        extra={t("terms.credit_hint")}
        rules={[amount]}
      >
        <Input prefix="¥" inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="alone_max"
        label={t("terms.alone")}
        extra={t("terms.alone_hint")}
        rules={[amount]}
      >
        <Input prefix="¥" inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="stock_shown" label={t("terms.stock")}>
        <Radio.Group
          vertical
          options={[
            { value: "banded", label: t("terms.stock_banded") },
            { value: "exact", label: t("terms.stock_exact") },
          ]}
        />
      </Form.Item>
      <Form.Item name="state" label={t("terms.state")}>
        <Select options={states} />
      </Form.Item>
    </FormPanel>
  );
}
