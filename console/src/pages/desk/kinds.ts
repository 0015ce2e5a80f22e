import type { Permission } from "@/api/me";
import type { components } from "@/api/schema";

export type Matter = components["schemas"]["MatterShown"];
export type MatterKind = components["schemas"]["Matter"];
export type CanDo = components["schemas"]["CanDo"];

/** Kinds that belong together, as the navigation has them. */
export const GROUPS = {
  orders: [
    "orders_to_approve",
    "refund_to_approve",
    "short_line",
    "topup_failed",
    "listing_unmapped",
    "account_unread",
    "to_be_topped_up",
    "to_be_handed_over",
    "to_be_released",
    "paid_before",
    "order_held",
    "order_in_trouble",
    "delivery_unclear",
    "confirmation_failing",
    "order_overdue",
    "shop_refund_in_trouble",
  ],
  stores: ["grant_lost", "store_unreachable", "history_missed", "pilot_unexplained"],
  purchases: [
    "purchase_to_approve",
    "purchase_draft",
    "purchase_held",
    "purchase_overdue",
    "money_in_doubt",
    "purchase_to_decide",
  ],
  money: [
    "statement_finding",
    "resolution_to_approve",
    "movement_to_approve",
    "movement_to_finish",
  ],
  suppliers: ["offer_held", "price_moved", "supplier_locked_out", "supplier_alert"],
  stock: ["stock_low", "stock_expiring"],
  system: ["invariant_broken"],
} as const satisfies Readonly<Record<string, readonly MatterKind[]>>;

export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as Group[];
export const KINDS: readonly MatterKind[] = Object.values(GROUPS).flat();

/** Who may be on a row, or write a note: whoever can do something about one kind at least. */
export const ACTS = [
  "orders.write",
  "orders.refund",
  "orders.approve",
  "catalog.write",
  "stock.move",
  "suppliers.write",
  "purchases.write",
  "purchases.approve",
  "prepaid.write",
  "prepaid.approve",
  "settings.write",
] as const satisfies readonly Permission[];

/** What names a row: in the URL, and to whoever holds it. */
export function keyOf({ kind, id }: { kind: MatterKind; id: string }): string {
  return `${kind}~${id}`;
}

export function groupOf(kind: MatterKind): Group {
  const found = GROUP_NAMES.find((name) => (GROUPS[name] as readonly MatterKind[]).includes(kind));
  return found ?? "system";
}
