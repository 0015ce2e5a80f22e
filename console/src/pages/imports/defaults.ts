import { api } from "@/api/client";
import { isNegative } from "@/util/money";
import type { Terms } from "./send";
import type { Choosable, Sku } from "./terms";

/** What goes without saying: as with the SKU's last import, or the only one there is. */
export function useDefaults(
  sku: Sku | undefined,
  { warehouses, suppliers }: Choosable,
): { terms: Partial<Terms>; asLast: boolean } {
  // Quiet: what would have gone without saying is typed then.
  const imports = api.useQuery(
    "get",
    "/v1/imports",
    { params: { query: { sku: sku?.code ?? "", state: "done", limit: 1 } } },
    { enabled: sku !== undefined },
  );
  // Quiet: as above.
  const lots = api.useQuery(
    "get",
    "/v1/stock/lots",
    { params: { query: { sku_id: sku?.id ?? "", limit: 1 } } },
    { enabled: sku !== undefined },
  );
  const last = sku && imports.data?.imports[0];
  const cost = sku && lots.data?.lots[0]?.unit_cost;
  const only = suppliers?.length === 1 ? suppliers[0]?.code : undefined;
  const warehouse = last?.warehouse ?? warehouses[0]?.code;
  const supplier = last?.supplier ?? only;
  return {
    terms: {
      ...(warehouse ? { warehouse } : {}),
      ...(supplier ? { supplier } : {}),
      ...(cost && !isNegative(cost) && /[1-9]/.test(cost) ? { unitCost: cost } : {}),
    },
    asLast: last !== undefined,
  };
}
