import { FilterOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { useTranslation } from "react-i18next";
import { Choice, Typed } from "@/table/filters";
import type { Change } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { useChoices } from "@/ui/badge";
import { Day } from "@/ui/day";

type Narrowed = Readonly<Record<string, string | boolean | undefined>>;
const MORE = ["source", "customer", "brand", "product", "amount_from", "amount_to", "refunded"];

function written(value: string | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** What narrows the list: what is asked most in the bar, the rest one click away. */
export function Filters({ query, change }: { query: Narrowed; change: Change }) {
  const { t } = useTranslation("orders");
  const value = (name: string) => written(query[name]);
  const set = (name: string) => (chosen: string | undefined) => change({ [name]: chosen });
  const count = MORE.filter((name) => query[name] !== undefined).length;
  return (
    <>
      <Typed label={t("list.q")} value={value("q")} onChange={set("q")} width={150} />
      <Choice
        label={t("list.state")}
        value={value("state")}
        choices={useChoices("order")}
        onChange={set("state")}
      />
      <ChoiceOf of="store" label={t("list.store")} value={value("store")} onChange={set("store")} />
      <ChoiceOf of="sku" label={t("list.sku")} value={value("sku")} onChange={set("sku")} />
      <Day label={t("list.from")} value={value("from")} onChange={set("from")} />
      <Day label={t("list.to")} value={value("to")} onChange={set("to")} />
      <Popover
        trigger="click"
        placement="bottomLeft"
        title={t("list.more")}
        content={<More query={query} change={change} />}
      >
        <Button icon={<FilterOutlined />}>
          {count > 0 ? t("list.more_set", { count }) : t("list.more")}
        </Button>
      </Popover>
    </>
  );
}

function More({ query, change }: { query: Narrowed; change: Change }) {
  const { t } = useTranslation("orders");
  const value = (name: string) => written(query[name]);
  const set = (name: string) => (chosen: string | undefined) => change({ [name]: chosen });
  const typed = [
    ["brand", t("list.brand")],
    ["product", t("list.product_code")],
    ["amount_from", t("list.amount_from")],
    ["amount_to", t("list.amount_to")],
  ] as const;
  return (
    <div style={{ display: "grid", gap: 8, minWidth: 220 }}>
      <Choice
        label={t("list.source")}
        value={value("source")}
        choices={useChoices("source")}
        onChange={set("source")}
      />
      <ChoiceOf
        of="customer"
        label={t("list.customer")}
        value={value("customer")}
        onChange={set("customer")}
      />
      <Choice
        label={t("list.refunded")}
        value={value("refunded")}
        choices={[
          { value: "true", label: t("list.refunded_yes") },
          { value: "false", label: t("list.refunded_no") },
        ]}
        onChange={set("refunded")}
      />
      {typed.map(([name, label]) => (
        <Typed key={name} label={label} value={value(name)} onChange={set(name)} width={220} />
      ))}
    </div>
  );
}
