import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Chooser } from "@/things/chooser";
import { Fact, Facts } from "@/ui/facts";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
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
  const { t } = useTranslation("rules");
  const [of, choose] = useState<{ sku?: string; store?: string; customer?: string }>({});
  const asked = api.useQuery("get", "/v1/purchase-rules/in-force", { params: { query: of } });
  const found = asked.data;
  const words = useLimitWords(found ? [found.limits] : []);
  const scope = useScopeWords(rules);
  const said = new Map((found ? words(found.limits) : []).map((each) => [each.name, each.said]));
  const whose = (field: string) => {
    const rule = rules.find((each) => each.id === (found?.of[field] ?? found?.of[`${field}_id`]));
    return rule ? t("from", { rule: scope(rule) }) : t("by_default");
  };
  const select = (name: "sku" | "store" | "customer", label: string) => (
    <Chooser
      of={name}
      label={label}
      placeholder={label}
      allowClear
      value={of[name]}
      onChange={(value) => {
        const { [name]: _, ...others } = of;
        choose(value ? { ...others, [name]: value } : others);
      }}
      width={180}
    />
  );
  return (
    <div style={{ marginTop: 12 }}>
      <Part title={t("force")}>
        <p className="soft">{t("force_about")}</p>
        <p className="purchase-acts">
          {select("sku", t("of_sku"))}
          {select("store", t("of_store"))}
          {select("customer", t("of_customer"))}
        </p>
        <ProblemNote error={asked.error} again={() => void asked.refetch()} />
        {found && (
          <Facts>
            {DEFAULTS.map(([name, field]) => (
              <Fact key={name} name={t(`limits.${name}`)}>
                <strong>{said.get(name) ?? t(`defaults.${field}`)}</strong>{" "}
                <span className="soft">{whose(field)}</span>
              </Fact>
            ))}
            <Fact name={t("allowed")}>{found.allowed?.join("、")}</Fact>
            <Fact name={t("denied")}>{found.denied.join("、")}</Fact>
            <Fact name={t("shares")}>
              {Object.entries(found.shares)
                .map(([code, share]) => `${code} ${share}`)
                .join("、")}
            </Fact>
          </Facts>
        )}
      </Part>
    </div>
  );
}
