import { useCallback } from "react";
import { api } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { language } from "@/words";

export type Purchase = components["schemas"]["PurchaseShown"];
export type Whole = components["schemas"]["PurchaseWhole"];
export type Attempt = components["schemas"]["AttemptShown"];
export type AttemptTold = components["schemas"]["AttemptTold"];
export type Choice = AttemptTold["choice"];

export interface Named {
  readonly value: string;
  readonly label: string;
}

/** The SKUs there are, to choose from. */
export function useSkus(): Named[] {
  const asked = api.useQuery("get", "/v1/skus", { params: { query: { limit: 500 } } });
  return (asked.data?.skus ?? []).map((sku) => ({
    value: sku.code,
    label: language() === "zh" ? sku.name_zh : sku.name_en,
  }));
}

/** The suppliers there are, to choose from. */
export function useSuppliers(): Named[] {
  const asked = api.useQuery("get", "/v1/suppliers", { params: { query: { limit: 500 } } });
  return (asked.data?.suppliers ?? []).map(({ code, name }) => ({ value: code, label: name }));
}

/** The warehouses there are, to choose from. */
export function useWarehouses(): Named[] {
  const asked = api.useQuery("get", "/v1/warehouses");
  return (asked.data?.warehouses ?? []).map(({ code, name }) => ({ value: code, label: name }));
}

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
  const asked = api.useQuery(
    "get",
    "/v1/order-lines",
    { params: { query: { line_id: ids } } },
    { enabled: ids.length > 0, staleTime: 60_000 },
  );
  return new Map((asked.data?.lines ?? []).map((line) => [line.line_id, line]));
}
