import { useCallback } from "react";
import { api } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";

export type Purchase = components["schemas"]["PurchaseShown"];
export type Whole = components["schemas"]["PurchaseWhole"];
export type Attempt = components["schemas"]["AttemptShown"];
export type AttemptTold = components["schemas"]["AttemptTold"];
export type Choice = AttemptTold["choice"];

/** Read again all that tells of purchases, their orders and their money. */
export function useRefreshPurchases(): () => Promise<void> {
  const refresh = useRefresh();
  return useCallback(
    () =>
      refresh(
        "/v1/purchases",
        "/v1/purchases/{purchase_id}",
        "/v1/purchases/{purchase_id}/orders",
        "/v1/supplier-orders/{attempt_id}",
        "/v1/money-in-doubt",
        "/v1/reorder-suggestions",
        "/v1/prepaid",
      ),
    [refresh],
  );
}

/** Of which orders some lines are, as purchases name them. */
export function useOrdersOfLines(lines: readonly (string | null)[]) {
  const ids = [...new Set(lines.filter((line): line is string => line !== null))].toSorted();
  // Quiet: where an order's number can't be read, the purchase says for what it is.
  const asked = api.useQuery(
    "get",
    "/v1/order-lines",
    { params: { query: { line_id: ids } } },
    { enabled: ids.length > 0, staleTime: 60_000 },
  );
  return new Map((asked.data?.lines ?? []).map((line) => [line.line_id, line]));
}
