import "@/theme/parts.css";
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Chooser } from "@/things/chooser";
import type { Noun } from "@/things/sought";
import { Day } from "@/ui/day";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Balance = components["schemas"]["BalanceBody"];

interface Values {
  name: string;
  on?: string;
  balances: Balance[];
}

const KINDS = [
  "supplier_prepaid",
  "supplier_owed",
  "store_receivable",
  "customer_owes",
  "customer_balance",
] as const satisfies readonly Balance["kind"][];

const OWNERS: Readonly<Record<Balance["kind"], Noun>> = {
  supplier_prepaid: "supplier",
  supplier_owed: "supplier",
  store_receivable: "store",
  customer_owes: "customer",
  customer_balance: "customer",
};

/** Below 0 takes back what was posted in error. */
const NOT_NOTHING = /^-?(?=.*[1-9])\d{1,12}(\.\d{1,4})?$/;

/** Bring over what suppliers, platforms and customers owed, or were owed, before us. */
export function OpeningPost({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("openings");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ on, ...values }: Values) => {
    const { data } = await http.POST("/v1/openings", {
      body: { ...values, ...(on ? { on } : {}) },
    });
    await refresh("/v1/openings", "/v1/trial-balance", "/v1/prepaid");
    onClose();
    say.done(t(data?.new ? "posted" : "posted_before"));
  };
  const required = { required: true, message: shell("form.required") };
  return (
    <FormPanel<Values>
      title={t("post")}
      about={t("post_about")}
      verb={t("post_verb")}
      open={open}
      onClose={onClose}
      initial={{ balances: [{} as Balance] }}
      send={send}
    >
      <Form.Item
        name="name"
        label={t("name")}
        extra={t("name_hint")}
        rules={[{ ...required, whitespace: true }]}
      >
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
      <Form.Item name="on" label={t("on")} extra={t("on_hint")}>
        <Day />
      </Form.Item>
      <Form.List name="balances">
        {(fields, { add, remove }) => (
          <fieldset className="openings">
            <legend>{t("balances")}</legend>
            {fields.map(({ key, name }) => (
              <OneBalance
                key={key}
                at={name}
                remove={fields.length > 1 ? () => remove(name) : undefined}
              />
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>
              {t("more")}
            </Button>
          </fieldset>
        )}
      </Form.List>
    </FormPanel>
  );
}

/** Whose money it was, and how much. */
function OneBalance({ at, remove }: { at: number; remove: (() => void) | undefined }) {
  const { t } = useTranslation("openings");
  const { t: shell } = useTranslation("shell");
  const form = Form.useFormInstance<Values>();
  const kind: Balance["kind"] | undefined = Form.useWatch(["balances", at, "kind"], form);
  const required = { required: true, message: shell("form.required") };
  return (
    <div className="opening-row">
      <Form.Item name={[at, "kind"]} rules={[required]}>
        <Select
          aria-label={t("kind")}
          placeholder={t("kind")}
          options={KINDS.map((value) => ({ value, label: t(`kinds.${value}`) }))}
          onChange={() => form.setFieldValue(["balances", at, "owner"], undefined)}
        />
      </Form.Item>
      <Form.Item
        name={[at, "owner"]}
        rules={[
          required,
          ({ getFieldValue }) => ({
            validator: async (_, owner?: string) => {
              const all: Partial<Balance>[] = getFieldValue("balances") ?? [];
              const same = all.filter((each) => each?.kind === kind && each?.owner === owner);
              if (owner && same.length > 1) throw new Error(t("twice"));
            },
          }),
        ]}
      >
        <Chooser
          of={kind ? OWNERS[kind] : "supplier"}
          disabled={kind === undefined}
          label={t("owner")}
          placeholder={t("owner")}
        />
      </Form.Item>
      <Form.Item
        name={[at, "amount"]}
        rules={[{ required: true, pattern: NOT_NOTHING, message: t("amount_rule") }]}
      >
        <Input
          prefix="¥"
          inputMode="decimal"
          autoComplete="off"
          aria-label={t("amount")}
          placeholder={t("amount")}
        />
      </Form.Item>
      <Button
        type="text"
        icon={<DeleteOutlined />}
        aria-label={t("remove")}
        disabled={remove === undefined}
        {...(remove ? { onClick: remove } : {})}
      />
    </div>
  );
}
