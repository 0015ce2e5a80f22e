import { useMay } from "@/api/me";
import { type Noun, useNames } from "@/things/sought";

interface Account {
  readonly kind: string;
  readonly owner_id: string | null;
}

/** Whose an account is, by its kind; the others belong to the shop itself. */
const OWNERS: Readonly<Partial<Record<string, Noun>>> = {
  receivable: "store",
  wallet: "customer",
  inventory: "warehouse",
  prepaid: "supplier",
  in_doubt: "supplier",
  payable: "supplier",
  recoveries: "supplier",
  exchange: "supplier",
};

/** What the stores, suppliers, warehouses and customers are called that these accounts belong to. */
export function useOwners(accounts: readonly Account[]): ReadonlyMap<string, string> {
  const may = useMay();
  const ids = (of: Noun) =>
    accounts.filter(({ kind }) => OWNERS[kind] === of).map(({ owner_id }) => owner_id);
  return new Map([
    ...useNames("store", ids("store"), may("orders.read")),
    ...useNames("supplier", ids("supplier"), may("stock.read")),
    ...useNames("warehouse", ids("warehouse"), may("stock.read")),
    ...useNames("customer", ids("customer"), may("orders.read")),
  ]);
}
