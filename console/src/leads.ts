import type { components } from "@/api/schema";
import { paths } from "@/paths";

export type Target = components["schemas"]["Target"];

/** What is found, or waits for somebody: which thing it is, by its id and, where it has one, code. */
export interface Pointed {
  readonly id: string;
  readonly code?: string | null | undefined;
}

/** Where each kind of thing has its page. What isn't here has none yet, and is shown without a link. */
const LEADS: { readonly [Kind in Target]?: (of: Pointed) => string | null } = {
  order: ({ id }) => paths.order(id),
  approval: ({ id }) => paths.approvals({ show: id }),
  sku: ({ code }) => (code ? paths.skus({ show: code }) : null),
  lot: ({ id }) => paths.lots({ show: id }),
  card: ({ id }) => paths.cards({ show: id }),
  customer: ({ code }) => (code ? paths.customer(code) : paths.customers()),
  store: ({ code }) => (code ? paths.store(code) : null),
  mapping: ({ code }) => (code ? paths.listings(code, { mapped: "false" }) : paths.stores()),
  pilot: ({ code }) => (code ? paths.pilot(code) : paths.stores()),
  offer: ({ id }) => paths.offers({ show: id }),
  prices: ({ code }) => paths.prices(code ? { show: code } : {}),
  supplier: ({ code }) => (code ? paths.supplier(code) : paths.suppliers()),
  purchase: ({ id }) => paths.purchase(id),
  movement: ({ id }) => paths.prepaid({ view: "movements", move: id }),
  statement: ({ id }) => paths.supplierStatement(id),
  supplier_order: ({ id }) => paths.doubt({ show: id }),
};

/** The address of a thing's page, or null where it has none. */
export function leadTo(kind: Target, of: Pointed): string | null {
  return LEADS[kind]?.(of) ?? null;
}
