import type { Values } from "./acts";
import type { CanDo, Matter } from "./kinds";

/** Something that a person must say before an act. */
export interface Field {
  readonly name:
    | "account"
    | "why"
    | "reason"
    | "evidence"
    | "cards"
    | "charged"
    | "their_number"
    | "receipt"
    | "kind"
    | "quantity"
    | "warehouse"
    | "line"
    | "amount"
    | "reference"
    | "file";
  readonly as: "line" | "text" | "secret" | "money" | "count" | "choice" | "warehouse" | "file";
  readonly optional?: true;
  /** The choices' words: `choices.<of>` of words/desk. */
  readonly of?: "failure" | "resolution";
  readonly from?: (row: Matter) => string | number | undefined;
  /** What an amount is in; without it, ours. */
  readonly currency?: (row: Matter) => string;
}

const ACCOUNT: readonly Field[] = [{ name: "account", as: "line" }];
const REASON: readonly Field[] = [{ name: "reason", as: "text" }];
const NUMBER = (value: unknown) => (typeof value === "number" ? value : undefined);

const OURS = "CNY";

/** What an order at a supplier is paid in; the row's own amount is in ours. */
function paidIn(row: Matter): string {
  return typeof row.facts.paid_in === "string" ? row.facts.paid_in : OURS;
}

/** What each call asks a person; one that isn't here asks nothing. */
const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  enterAccount: ACCOUNT,
  correctLineAccount: ACCOUNT,
  giveShopOrderUp: [{ name: "why", as: "choice", of: "failure" }],
  refusePurchase: REASON,
  refuseHeld: REASON,
  cancelPurchase: REASON,
  refuseMovement: REASON,
  dismissShopRefund: REASON,
  resolveFinding: [{ name: "kind", as: "choice", of: "resolution" }, ...REASON],
  confirmNotBought: [...REASON, { name: "evidence", as: "text" }],
  confirmBought: [
    { name: "their_number", as: "line", optional: true },
    {
      name: "charged",
      as: "money",
      optional: true,
      from: (row) => (paidIn(row) === OURS ? (row.amount ?? undefined) : undefined),
      currency: paidIn,
    },
    { name: "cards", as: "secret", optional: true },
    { name: "receipt", as: "text", optional: true },
  ],
  bookShopRefund: [
    { name: "line", as: "count", from: (row) => Number(row.facts.line) || 1 },
    { name: "quantity", as: "count", from: () => 1 },
    { name: "amount", as: "money", optional: true, from: (row) => row.amount ?? undefined },
  ],
  wantPurchase: [
    { name: "quantity", as: "count", from: (row) => NUMBER(row.quantity) ?? 1 },
    { name: "warehouse", as: "warehouse" },
  ],
  payMovement: [
    { name: "reference", as: "line" },
    { name: "file", as: "file", optional: true },
  ],
};

/** Done on the page of what it is about: more is needed than fits beside a row. */
export const ELSEWHERE: ReadonlySet<string> = new Set(["mapListings", "authorizeStore"]);

/** Nothing is lost by doing these: they aren't asked about. */
export const AT_ONCE: ReadonlySet<string> = new Set([
  "tryShopOrderAgain",
  "tryShopRefundAgain",
  "askSupplierOrder",
  "placePurchase",
  "seePriceAlert",
  "testSupplier",
  "releaseShopOrders",
]);

export function fieldsOf(can: CanDo): readonly Field[] {
  return FIELDS[can.operation] ?? [];
}

/** The body of a call: what was filled in, and what the row itself says. */
export function bodyOf(can: CanDo, row: Matter, filled: Values): Values {
  const given = Object.fromEntries(
    Object.entries(filled).filter(([, value]) => value !== undefined && value !== ""),
  );
  switch (can.operation) {
    case "releaseOffer":
    case "refuseOffer":
      return { price: row.amount };
    case "wantPurchase":
      return { ...given, sku: row.sku?.code };
    case "refundOrder":
      return { refund_id: `desk-${row.id}` }; // the same for each try: twice is once
    case "bookShopRefund":
      return { lines: [given] };
    case "confirmBought":
      return { ...given, cards: cardsOf(String(given.cards ?? "")) };
    default:
      return given;
  }
}

/** Cards as people paste them: one a line, number and password set apart; or a link. */
export function cardsOf(pasted: string): { number?: string; password?: string; url?: string }[] {
  return pasted
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      if (/^https?:\/\//.test(line)) return { url: line };
      const [number = "", password = ""] = line.split(/-{2,}|[\s,，\t|]+/);
      return password ? { number, password } : { number };
    });
}
