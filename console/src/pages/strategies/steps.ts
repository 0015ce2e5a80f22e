import { useTranslation } from "react-i18next";

/** A step as it is written down: what it leaves out, or what it puts first. */
export interface Step {
  readonly keep?: string;
  readonly prefer?: string;
  readonly days?: number;
  readonly ids?: readonly string[];
}

export const PREFERS = [
  "earliest_expiry",
  "lowest_cost",
  "oldest",
  "warehouse_priority",
  "warehouses_in_order",
  "suppliers_in_order",
  "latest_expiry",
  "highest_cost",
] as const;
export const KEEPS = ["warehouses", "suppliers", "minimum_validity"] as const;
export type StepKind = (typeof PREFERS)[number] | (typeof KEEPS)[number];

/** What a step names: warehouses, suppliers, or nothing. */
export function namedBy(kind: StepKind): "warehouses" | "suppliers" | null {
  if (kind === "warehouses" || kind === "warehouses_in_order") return "warehouses";
  if (kind === "suppliers" || kind === "suppliers_in_order") return "suppliers";
  return null;
}

export function kindOf(step: Step): StepKind {
  return (step.keep ?? step.prefer) as StepKind;
}

/** Says steps in words: "only from these warehouses", "the cheapest goes first". */
export function useSteps(names: ReadonlyMap<string, string>): (step: Step) => string {
  const { t } = useTranslation("strategies");
  return (step) => {
    const kind = kindOf(step);
    if (kind === "minimum_validity") return t("said.minimum_validity", { count: step.days ?? 0 });
    const named = namedBy(kind);
    if (named === null) return t(`kinds.${kind}` as never);
    const said = (step.ids ?? []).map((id) => names.get(id) ?? id).join(" → ");
    return t(`said.${kind}` as never, { names: said });
  };
}
