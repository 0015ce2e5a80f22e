import { useTranslation } from "react-i18next";
import { useMay, useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { useNames } from "@/things/sought";
import { formatMoney } from "@/util/money";
import { formatExact } from "@/util/time";

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

/** Of what each of these rules is, in words. */
export function useScopeWords(rules: readonly Scope[]): (of: Scope) => string {
  const { t } = useTranslation("rules");
  const may = useMay()("orders.read");
  const skus = useNames(
    "sku",
    rules.map(({ sku }) => sku),
  );
  const stores = useNames(
    "store",
    rules.map(({ store }) => store),
    may,
  );
  const customers = useNames(
    "customer",
    rules.map(({ customer }) => customer),
    may,
  );
  return ({ sku, store, customer }) => {
    const parts = [
      sku && (skus.get(sku) ?? sku),
      store && `${t("of_store")} ${stores.get(store) ?? store}`,
      customer && `${t("of_customer")} ${customers.get(customer) ?? customer}`,
    ].filter(Boolean);
    return parts.length > 0 ? parts.join(" · ") : t("everything");
  };
}

/** Parts per million as a percentage: 82500 → "8.25". */
export function percentOf(ppm: number): string {
  return String(ppm / 10_000);
}

/** Each limit that one of these says, in words. */
export function useLimitWords(
  all: readonly Limits[],
): (limits: Limits) => { name: LimitName; said: string }[] {
  const { t } = useTranslation("rules");
  const { t: states } = useTranslation("states");
  const zone = useMe().tenant.timezone;
  const warehouses = useNames(
    "warehouse",
    all.map(({ warehouse }) => warehouse),
  );
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
    if (typeof limits.auto_buy === "boolean") say("auto_buy", t(limits.auto_buy ? "yes" : "no"));
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
