import { useTranslation } from "react-i18next";
import { useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { formatMoney } from "@/util/money";
import { formatExact } from "@/util/time";
import { useSkus, useWarehouses } from "./things";

export type Limits = components["schemas"]["RuleLimits"];

/** What a limit is called in the form and in the list. */
export type LimitName =
  | "unit_cost_max"
  | "margin"
  | "loss_until_at"
  | "auto_buy"
  | "warehouse"
  | "due_minutes"
  | "quality"
  | "approval_above"
  | "daily_max"
  | "reorder"
  | "lead_hours"
  | "safety_days"
  | "cover_days"
  | "stock_days_max"
  | "budget";

interface Scope {
  readonly sku?: string | null;
  readonly store?: string | null;
  readonly customer?: string | null;
}

/** Of what a rule is, in words. */
export function useScopeWords(): (of: Scope) => string {
  const { t } = useTranslation("purchases");
  const skus = new Map(useSkus().map(({ value, label }) => [value, label]));
  return ({ sku, store, customer }) => {
    const parts = [
      sku && (skus.get(sku) ?? sku),
      store && `${t("rules.of_store")} ${store}`,
      customer && `${t("rules.of_customer")} ${customer}`,
    ].filter(Boolean);
    return parts.length > 0 ? parts.join(" · ") : t("rules.everything");
  };
}

/** Parts per million as a percentage: 82500 → "8.25". */
export function percentOf(ppm: number): string {
  return String(ppm / 10_000);
}

/** Each limit that a rule says, in words. */
export function useLimitWords(): (limits: Limits) => { name: LimitName; said: string }[] {
  const { t } = useTranslation("purchases");
  const { t: states } = useTranslation("states");
  const zone = useMe().tenant.timezone;
  const warehouses = new Map(useWarehouses().map(({ value, label }) => [value, label]));
  return (limits) => {
    const said: { name: LimitName; said: string }[] = [];
    const say = (name: LimitName, words: string | false | null | undefined) => {
      if (words) said.push({ name, said: words });
    };
    const money = (value: string | null | undefined) => value && formatMoney(value);
    const number = (value: number | null | undefined) =>
      value !== null && value !== undefined && String(value);
    const percent = (value: number | null | undefined) =>
      value !== null && value !== undefined && `${percentOf(value)}%`;
    say("approval_above", money(limits.approval_above));
    say("daily_max", money(limits.daily_max));
    say("unit_cost_max", money(limits.unit_cost_max));
    say("margin", percent(limits.margin_min_ppm));
    say("loss_until_at", limits.loss_until_at && formatExact(new Date(limits.loss_until_at), zone));
    if (typeof limits.auto_buy === "boolean")
      say("auto_buy", t(limits.auto_buy ? "rules.yes" : "rules.no"));
    say("warehouse", limits.warehouse && (warehouses.get(limits.warehouse) ?? limits.warehouse));
    say("due_minutes", number(limits.due_minutes));
    say("quality", percent(limits.quality_min_ppm));
    say("reorder", limits.reorder && states(`reordering.${limits.reorder}`));
    say("lead_hours", number(limits.lead_hours));
    say("safety_days", number(limits.safety_days));
    say("cover_days", number(limits.cover_days));
    say("stock_days_max", number(limits.stock_days_max));
    say("budget", money(limits.budget));
    return said;
  };
}
