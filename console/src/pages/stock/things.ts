import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { language } from "@/words";

export type Called = components["schemas"]["Called"];

/** How long names are believed: they change seldom, and are read on each page of stock. */
const NAMES_MS = 60_000;

interface Choice {
  value: string;
  label: string;
}

/** Warehouses, by what names them in a URL: their ids, or their codes. */
export function useWarehouses(by: "id" | "code" = "id"): Choice[] {
  const asked = api.useQuery("get", "/v1/warehouses", {}, { staleTime: NAMES_MS });
  return (asked.data?.warehouses ?? []).map((one) => ({ value: one[by], label: one.name }));
}

export function useSuppliers(): Choice[] {
  const asked = api.useQuery(
    "get",
    "/v1/suppliers",
    { params: { query: { limit: 500 } } },
    { staleTime: NAMES_MS },
  );
  return (asked.data?.suppliers ?? []).map(({ id, name }) => ({ value: id, label: name }));
}

/** SKUs that were ever stocked or have a level, as they are called. */
export function useStockedSkus(by: "id" | "code" = "id"): Choice[] {
  const asked = api.useQuery("get", "/v1/stock/skus", {}, { staleTime: NAMES_MS });
  return (asked.data?.skus ?? [])
    .map(({ sku }) => ({ value: sku[by], label: sku.name }))
    .toSorted((one, other) => one.label.localeCompare(other.label, language()));
}

/** The end of a lot's id, which tells lots apart: its beginning is the time. */
export function shortId(id: string): string {
  return `…${id.slice(-8)}`;
}
