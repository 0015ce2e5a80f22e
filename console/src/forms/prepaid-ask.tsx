import { Form, Input, Select } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import type { components } from "@/api/schema";
import { useRefreshPrepaid } from "@/pages/prepaid/things";
import { Chooser } from "@/things/chooser";
import { useChoices } from "@/ui/badge";
import { Failed, useSay } from "@/ui/problem";
import { e4, formatMoney, signOf } from "@/util/money";
import { FormPanel } from "./form";

type Kind = components["schemas"]["MovementKind"];
type Body = components["schemas"]["NewMovement"];

interface Values {
  supplier: string;
  kind: Kind;
  amount: string;
  method?: NonNullable<Body["method"]>;
  reason: string;
}

const OF_CASH: readonly Kind[] = ["deposit", "withdrawal", "payment", "recovered"];
const SIGNED: readonly Kind[] = ["opening", "correction"];

/** Ask for money to be moved; somebody else approves it. Sent twice it is asked for once. */
export function PrepaidAsk({
  open,
  supplier,
  kind,
  amount,
  onClose,
}: {
  open: boolean;
  supplier: string | undefined;
  kind: Kind | undefined;
  amount: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("prepaid");
  const refresh = useRefreshPrepaid();
  const say = useSay();
  const sent = useRef({ body: "", key: "" });
  const send = async ({ method, amount: typed, ...values }: Values) => {
    const body: Body = {
      ...values,
      reason: values.reason.trim(),
      amount: typed.trim(),
      method: OF_CASH.includes(values.kind) ? (method ?? null) : null,
    };
    const written = JSON.stringify(body);
    if (sent.current.body !== written) sent.current = { body: written, key: crypto.randomUUID() };
    await http.POST("/v1/prepaid/movements", { body: { ...body, request_key: sent.current.key } });
    sent.current = { body: "", key: "" };
    await refresh();
    onClose();
    say.done(t("ask.done"), t("ask.done_about"));
  };
  return (
    <FormPanel<Values>
      title={t("ask.title")}
      about={t("ask.about")}
      verb={t("ask.verb")}
      open={open}
      onClose={onClose}
      initial={{
        kind: kind ?? "deposit",
        method: "bank",
        ...(supplier ? { supplier } : {}),
        ...(amount ? { amount } : {}),
      }}
      send={send}
    >
      <Fields />
    </FormPanel>
  );
}

function Fields() {
  const { t } = useTranslation("prepaid");
  const { t: shell } = useTranslation("shell");
  const form = Form.useFormInstance<Values>();
  const kind = Form.useWatch<Kind | undefined>("kind") ?? "deposit";
  const supplier = Form.useWatch<string | undefined>("supplier");
  const asked = api.useQuery(
    "get",
    "/v1/suppliers/{code}/prepaid",
    { params: { path: { code: supplier ?? "" } } },
    { enabled: supplier !== undefined },
  );
  const known = asked.data;
  const required = [{ required: true, whitespace: true, message: shell("form.required") }];
  const signed = SIGNED.includes(kind);
  const methods = useChoices("cash_method");
  return (
    <>
      <Form.Item name="supplier" label={t("supplier")} rules={required}>
        <Chooser of="supplier" />
      </Form.Item>
      <Failed of={[asked]} />
      <Form.Item name="kind" label={t("moves.kind")} extra={t(`ask.kinds.${kind}`)} required>
        <Select options={useChoices("movement_kind")} />
      </Form.Item>
      <Form.Item
        name="amount"
        label={t("moves.amount")}
        extra={
          known &&
          kind === "deposit" &&
          e4(known.suggested_deposit) > 0n && (
            <button
              type="button"
              className="link-button"
              onClick={() => form.setFieldValue("amount", known.suggested_deposit)}
            >
              {t("ask.suggested", { amount: formatMoney(known.suggested_deposit, known.currency) })}
            </button>
          )
        }
        rules={[
          {
            required: true,
            pattern: signed ? /^\s*-?\d{1,10}(\.\d{1,4})?\s*$/ : /^\s*\d{1,10}(\.\d{1,4})?\s*$/,
            message: t(signed ? "ask.signed_rule" : "ask.amount_rule"),
          },
        ]}
      >
        <Input
          inputMode="decimal"
          autoComplete="off"
          prefix={signOf(known?.currency ?? "CNY")}
          style={{ width: 200 }}
        />
      </Form.Item>
      {OF_CASH.includes(kind) && (
        <Form.Item name="method" label={t("moves.method")} rules={[{ required: true }]}>
          <Select options={methods} />
        </Form.Item>
      )}
      <Form.Item name="reason" label={t("moves.reason")} rules={required}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
    </>
  );
}
