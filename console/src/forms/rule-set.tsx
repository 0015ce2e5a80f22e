import { Alert, Form, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import type { Limits } from "@/pages/purchases/rule-words";
import type { Rule } from "@/pages/purchases/rules";
import { Chooser, ManyChooser } from "@/things/chooser";
import { useChoices } from "@/ui/badge";
import { Moment } from "@/ui/moment";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Body = components["schemas"]["RuleBody"];

const AMOUNTS = ["unit_cost_max", "approval_above", "daily_max", "budget"] as const;
const NUMBERS = [
  "due_minutes",
  "lead_hours",
  "safety_days",
  "cover_days",
  "stock_days_max",
] as const;
const AMOUNT = /^\s*\d{1,10}(\.\d{1,4})?\s*$/;
const SHARES = /^\s*([a-z0-9][a-z0-9-]*\s+\d{1,4}\s*(\n|$))*\s*$/;
const PPM = 10_000; // of a hundredth

type Values = Partial<
  Record<(typeof AMOUNTS)[number], string> & Record<(typeof NUMBERS)[number], number | null>
> & {
  sku?: string;
  store?: string;
  customer?: string;
  margin?: number | null;
  quality?: number | null;
  loss_until_at?: string;
  auto_buy?: "" | "true" | "false";
  warehouse?: string;
  reorder?: "off" | "draft" | "wanted";
  allowed?: string[];
  denied?: string[];
  shares?: string;
};

/** Set the rule of a scope, all of it; what isn't said is as less particular rules say. */
export function RuleSet({
  rule,
  rules,
  open,
  onClose,
}: {
  rule: Rule | undefined;
  rules: readonly Rule[];
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("rules");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (values: Values) => {
    await http.PUT("/v1/purchase-rules", { body: bodyOf(values) });
    await refresh("/v1/purchase-rules", "/v1/purchase-rules/in-force");
    onClose();
    say.done(t("saved"));
  };
  return (
    <FormPanel<Values>
      title={t(rule ? "edit_title" : "add")}
      about={t("about_form")}
      verb={t("verb")}
      open={open}
      onClose={onClose}
      initial={rule ? valuesOf(rule) : {}}
      send={send}
    >
      <Scope fixed={rule !== undefined} />
      {rule === undefined && <Replaces rules={rules} />}
      <Limiting />
      <Whom />
    </FormPanel>
  );
}

function Scope({ fixed }: { fixed: boolean }) {
  const { t } = useTranslation("rules");
  const of = [
    ["sku", t("of_sku")],
    ["store", t("of_store")],
    ["customer", t("of_customer")],
  ] as const;
  return of.map(([name, label]) => (
    <Form.Item key={name} name={name} label={label}>
      <Chooser of={name} allowClear disabled={fixed} />
    </Form.Item>
  ));
}

/** Warns of the rule there is already, which would be gone as a whole. */
function Replaces({ rules }: { rules: readonly Rule[] }) {
  const { t } = useTranslation("rules");
  const sku = Form.useWatch<string | undefined>("sku");
  const store = Form.useWatch<string | undefined>("store");
  const customer = Form.useWatch<string | undefined>("customer");
  const there = rules.find(
    (rule) =>
      (rule.sku ?? undefined) === sku &&
      (rule.store ?? undefined) === store &&
      (rule.customer ?? undefined) === customer,
  );
  if (there === undefined) return null;
  return (
    <Alert
      type="warning"
      showIcon
      style={{ marginBottom: 16 }}
      title={t("replaces")}
      description={t("replaces_edit")}
    />
  );
}

function Limiting() {
  const { t } = useTranslation("rules");
  const reordering = useChoices("reordering");
  const amount = (name: (typeof AMOUNTS)[number]) => (
    <Form.Item
      name={name}
      label={t(`limits.${name}`)}
      rules={[{ pattern: AMOUNT, message: t("price_rule") }]}
    >
      <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 200 }} />
    </Form.Item>
  );
  const number = (name: (typeof NUMBERS)[number]) => (
    <Form.Item name={name} label={t(`limits.${name}`)}>
      <InputNumber min={0} max={43_200} precision={0} style={{ width: 160 }} />
    </Form.Item>
  );
  const percent = (name: "margin" | "quality") => (
    <Form.Item name={name} label={t(`limits.${name}`)}>
      <InputNumber min={0} max={100} precision={2} style={{ width: 160 }} />
    </Form.Item>
  );
  return (
    <>
      <h3>{t("eyes")}</h3>
      {amount("approval_above")}
      {amount("daily_max")}
      <h3>{t("buying")}</h3>
      {amount("unit_cost_max")}
      {percent("margin")}
      <Form.Item name="loss_until_at" label={t("limits.loss_until_at")}>
        <Moment label={t("limits.loss_until_at")} />
      </Form.Item>
      <Form.Item name="auto_buy" label={t("limits.auto_buy")}>
        <Radio.Group
          options={[
            { value: "", label: t("unsaid") },
            { value: "true", label: t("yes") },
            { value: "false", label: t("no") },
          ]}
        />
      </Form.Item>
      <Form.Item name="warehouse" label={t("limits.warehouse")}>
        <Chooser of="warehouse" allowClear />
      </Form.Item>
      {number("due_minutes")}
      {percent("quality")}
      <h3>{t("restock")}</h3>
      <Form.Item name="reorder" label={t("limits.reorder")}>
        <Select options={reordering} allowClear />
      </Form.Item>
      {(["lead_hours", "safety_days", "cover_days", "stock_days_max"] as const).map((name) => (
        <div key={name}>{number(name)}</div>
      ))}
      {amount("budget")}
    </>
  );
}

function Whom() {
  const { t } = useTranslation("rules");
  return (
    <>
      <h3>{t("whom")}</h3>
      <Form.Item name="allowed" label={t("allowed")}>
        <ManyChooser of="supplier" />
      </Form.Item>
      <Form.Item name="denied" label={t("denied")}>
        <ManyChooser of="supplier" />
      </Form.Item>
      <Form.Item
        name="shares"
        label={t("shares")}
        extra={t("shares_hint")}
        rules={[{ pattern: SHARES, message: t("shares_rule") }]}
      >
        <Input.TextArea rows={3} className="code" />
      </Form.Item>
    </>
  );
}

function valuesOf(rule: Rule): Partial<Values> {
  const { limits } = rule;
  const written = Object.fromEntries(
    [...AMOUNTS, ...NUMBERS, "warehouse" as const, "reorder" as const]
      .filter((name) => limits[name] !== undefined && limits[name] !== null)
      .map((name) => [name, limits[name]]),
  );
  const percent = (ppm: number | null | undefined) =>
    ppm === null || ppm === undefined ? null : ppm / PPM;
  return {
    ...(rule.sku ? { sku: rule.sku } : {}),
    ...(rule.store ? { store: rule.store } : {}),
    ...(rule.customer ? { customer: rule.customer } : {}),
    ...written,
    margin: percent(limits.margin_min_ppm),
    quality: percent(limits.quality_min_ppm),
    ...(limits.loss_until_at ? { loss_until_at: limits.loss_until_at } : {}),
    auto_buy: typeof limits.auto_buy === "boolean" ? (`${limits.auto_buy}` as const) : "",
    allowed: rule.allowed,
    denied: rule.denied,
    shares: Object.entries(rule.shares)
      .map(([code, share]) => `${code} ${share}`)
      .join("\n"),
  };
}

function bodyOf(values: Values): Body {
  const limits: Record<string, unknown> = {};
  for (const name of AMOUNTS) limits[name] = values[name]?.trim() || null;
  for (const name of NUMBERS) limits[name] = values[name] ?? null;
  const ppm = (percent: number | null | undefined) =>
    percent === null || percent === undefined ? null : Math.round(percent * PPM);
  limits.margin_min_ppm = ppm(values.margin);
  limits.quality_min_ppm = ppm(values.quality);
  limits.loss_until_at = values.loss_until_at ?? null;
  limits.auto_buy = values.auto_buy ? values.auto_buy === "true" : null;
  limits.warehouse = values.warehouse ?? null;
  limits.reorder = values.reorder ?? null;
  const shares = (values.shares ?? "")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([code]) => code)
    .map(([code = "", share = "0"]) => [code, Number(share)] as const);
  return {
    sku: values.sku ?? null,
    store: values.store ?? null,
    customer: values.customer ?? null,
    limits: limits as Limits,
    allowed: values.allowed ?? [],
    denied: values.denied ?? [],
    shares: Object.fromEntries(shares),
  };
}
