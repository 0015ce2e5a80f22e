import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useThings } from "@/pages/orders/filters";
import { Fact, Facts } from "@/ui/facts";
import { ProblemNote } from "@/ui/problem";
import { Section } from "@/ui/section";
import { useLimitWords, useScopeWords } from "./rule-words";
import type { Rule } from "./rules";

const DEFAULTS = [
  ["approval_above", "approval_above"],
  ["daily_max", "daily_max"],
  ["unit_cost_max", "unit_cost_max"],
  ["margin", "margin_min_ppm"],
  ["auto_buy", "auto_buy"],
  ["warehouse", "warehouse"],
  ["due_minutes", "due_minutes"],
  ["quality", "quality_min_ppm"],
  ["reorder", "reorder"],
] as const;

/** What a purchase of something, for somebody, really keeps to, and whose rule each limit is. */
export function InForce({ rules }: { rules: readonly Rule[] }) {
  const { t } = useTranslation("purchases");
  const things = useThings();
  const words = useLimitWords();
  const scope = useScopeWords();
  const [of, choose] = useState<{ sku?: string; store?: string; customer?: string }>({});
  const asked = api.useQuery("get", "/v1/purchase-rules/in-force", { params: { query: of } });
  const found = asked.data;
  const said = new Map((found ? words(found.limits) : []).map((each) => [each.name, each.said]));
  const whose = (field: string) => {
    const rule = rules.find((each) => each.id === (found?.of[field] ?? found?.of[`${field}_id`]));
    return rule ? t("rules.from", { rule: scope(rule) }) : t("rules.by_default");
  };
  const select = (name: "sku" | "store" | "customer", label: string, options: object[]) => (
    <Select
      aria-label={label}
      placeholder={label}
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      options={options as { value: string; label: string }[]}
      value={of[name] ?? null}
      onChange={(value: string | null) => {
        const { [name]: _, ...others } = of;
        choose(value ? { ...others, [name]: value } : others);
      }}
      style={{ minWidth: 180 }}
    />
  );
  return (
    <div style={{ marginTop: 12 }}>
      <Section title={t("rules.force")}>
        <p className="soft">{t("rules.force_about")}</p>
        <p className="purchase-acts">
          {select("sku", t("rules.of_sku"), things.skus)}
          {select("store", t("rules.of_store"), things.stores)}
          {select("customer", t("rules.of_customer"), things.customers)}
        </p>
        <ProblemNote error={asked.error} again={() => void asked.refetch()} />
        {found && (
          <Facts>
            {DEFAULTS.map(([name, field]) => (
              <Fact key={name} name={t(`rules.limits.${name}`)}>
                <strong>{said.get(name) ?? t(`rules.defaults.${field}`)}</strong>{" "}
                <span className="soft">{whose(field)}</span>
              </Fact>
            ))}
            <Fact name={t("rules.allowed")}>{found.allowed?.join("、")}</Fact>
            <Fact name={t("rules.denied")}>{found.denied.join("、")}</Fact>
            <Fact name={t("rules.shares")}>
              {Object.entries(found.shares)
                .map(([code, share]) => `${code} ${share}`)
                .join("、")}
            </Fact>
          </Facts>
        )}
      </Section>
    </div>
  );
}
