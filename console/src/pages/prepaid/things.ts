import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { e4, fromE4 } from "@/util/money";

export type Standing = components["schemas"]["PrepaidShown"];
export type Movement = components["schemas"]["MovementShown"];

export const SOON_HOURS = 24; // as the server's alerts have it

/** Add up written amounts, exactly. */
export function sum(amounts: readonly string[]): string {
  return fromE4(amounts.reduce((all, one) => all + e4(one), 0n));
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
