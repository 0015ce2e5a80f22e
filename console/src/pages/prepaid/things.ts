import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { e4, fromE4 } from "@/util/money";

export type Standing = components["schemas"]["PrepaidShown"];
export type Movement = components["schemas"]["MovementShown"];

export const SOON_HOURS = 24; // as the server's alerts have it

/** What is somewhere in one currency. */
export interface Purse {
  currency: string;
  available: string;
  in_doubt: string;
  payable: string;
  recoveries: string;
}
export type Part = Exclude<keyof Purse, "currency">;

/** What is there in each currency, ours first: they are never added up together. */
export function sums(rows: readonly Standing[], part: Part): { currency: string; sum: string }[] {
  const found = new Map<string, bigint>();
  for (const purse of rows.flatMap((row): Purse[] => [row, ...row.others])) {
    found.set(purse.currency, (found.get(purse.currency) ?? 0n) + e4(purse[part]));
  }
  return [...found]
    .map(([currency, sum]) => ({ currency, sum: fromE4(sum) }))
    .sort((one, other) => rank(one.currency).localeCompare(rank(other.currency)));
}

function rank(currency: string): string {
  return currency === "CNY" ? "" : currency;
}

/** Read again all that tells of money with suppliers. */
export function useRefreshPrepaid(): () => Promise<void> {
  const refresh = useRefresh();
  return useCallback(
    () =>
      refresh(
        "/v1/prepaid",
        "/v1/suppliers/{code}/prepaid",
        "/v1/suppliers/{code}/balances",
        "/v1/prepaid/movements",
        "/v1/prepaid/movements/{movement_id}",
        "/v1/prepaid/dues",
      ),
    [refresh],
  );
}

/** How long our money there lasts, in words. */
export function useLasts(): (hours: number | null) => string {
  const { t } = useTranslation("prepaid");
  return (hours) => {
    if (hours === null) return t("lasts.unused");
    if (hours < 1) return t("lasts.none");
    if (hours < 48) return t("lasts.hours", { count: hours });
    return t("lasts.days", { count: Math.floor(hours / 24) });
  };
}
