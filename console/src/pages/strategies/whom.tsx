import { useTranslation } from "react-i18next";
import type { Strategy } from "./list";

export type Use = Strategy["uses"][number];

/** Whom a strategy serves, in words. */
export function useWhom(): (use: Use) => string {
  const { t } = useTranslation("strategies");
  return ({ sku, store, customer }) => {
    const named = [customer, store, sku].flatMap((thing) => (thing ? [thing.name] : []));
    return named.length > 0 ? named.join(" · ") : t("serves_all");
  };
}

export function Whom({ use }: { use: Use }) {
  return <span>{useWhom()(use)}</span>;
}
