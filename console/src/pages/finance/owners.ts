import { api } from "@/api/client";
import { useMay } from "@/api/me";

const MOST = { params: { query: { limit: 100 } } };

/** What the stores, suppliers, warehouses and customers are called that accounts belong to. */
export function useOwners(): ReadonlyMap<string, string> {
  const may = useMay();
  const stores = api.useQuery("get", "/v1/stores", MOST, { enabled: may("orders.read") });
  const suppliers = api.useQuery("get", "/v1/suppliers", MOST, {
    enabled: may(["suppliers.read", "catalog.read"]),
  });
  const warehouses = api.useQuery("get", "/v1/warehouses", {}, { enabled: may("stock.read") });
  const customers = api.useQuery("get", "/v1/customers", MOST, { enabled: may("orders.read") });
  const named = [
    ...(stores.data?.stores ?? []),
    ...(suppliers.data?.suppliers ?? []),
    ...(warehouses.data?.warehouses ?? []),
    ...(customers.data?.customers ?? []),
  ];
  return new Map(named.map((each) => [each.id, each.name]));
}
