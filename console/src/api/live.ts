import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

export interface Hint {
  readonly kind: string; // "order.filled"
  readonly subject: string; // "order"
  readonly id: string;
}

const GATHER_MS = 2_000; // a busy shop has a hundred orders a second: they are read anew together
const REFUSED_MS = 30_000;
const listeners = new Set<(hint: Hint) => void>();

/** What is read anew when something happens to a subject: how the paths begin; `$`: the whole. */
const READ_ANEW: Readonly<Record<string, readonly string[]>> = {
  approval: ["/v1/approvals", "/v1/desk"],
  order: ["/v1/orders", "/v1/shop-orders", "/v1/desk", "/v1/cockpit$"],
  shop_order: ["/v1/shop-orders", "/v1/desk", "/v1/orders", "/v1/cockpit$"],
  shop_refund: ["/v1/shop-refunds", "/v1/desk"],
  import: ["/v1/imports", "/v1/stock"],
  cards: ["/v1/stock"],
  lot: ["/v1/stock"],
  stock: ["/v1/stock"],
  levels: ["/v1/stock"],
  reservation: ["/v1/reservations", "/v1/stock"],
  stocktake: ["/v1/stocktakes", "/v1/stock"],
  strategy: ["/v1/strategies"],
  warehouse: ["/v1/warehouses"],
  transfer: ["/v1/transfers", "/v1/accounts"],
  alert: [
    "/v1/stock/alerts",
    "/v1/stock/skus",
    "/v1/price-alerts",
    "/v1/prepaid/alerts",
    "/v1/desk",
  ],
  attempt: [
    "/v1/purchases",
    "/v1/supplier-orders",
    "/v1/desk",
    "/v1/money-in-doubt",
    "/v1/prepaid",
  ],
  purchase: ["/v1/purchases", "/v1/desk", "/v1/reorder-suggestions"],
  purchase_rule: ["/v1/purchase-rules"],
  movement: ["/v1/prepaid", "/v1/suppliers", "/v1/desk"],
  statement: ["/v1/statements", "/v1/desk"],
  finding: ["/v1/statements", "/v1/desk"],
  offer: [
    "/v1/offers",
    "/v1/prices",
    "/v1/price-alerts",
    "/v1/skus/{code}/offers",
    "/v1/supplier-overview",
    "/v1/desk",
  ],
  quality: ["/v1/quality", "/v1/suppliers", "/v1/supplier-overview", "/v1/desk"],
  supplier: [
    "/v1/suppliers",
    "/v1/supplier-overview",
    "/v1/prices",
    "/v1/skus/{code}/offers",
    "/v1/desk",
  ],
  suppliers: [
    "/v1/suppliers",
    "/v1/supplier-overview",
    "/v1/offers",
    "/v1/prices",
    "/v1/price-rules",
  ],
  contact: ["/v1/suppliers"],
  paper: ["/v1/suppliers", "/v1/supplier-overview", "/v1/prepaid", "/v1/desk"],
  store: ["/v1/stores", "/v1/desk"],
  listing: ["/v1/stores", "/v1/desk"],
  listings: ["/v1/stores", "/v1/desk"],
  sku: ["/v1/skus"],
  product: ["/v1/skus"],
  brand: ["/v1/skus"],
  customer: ["/v1/customers"],
  agent: ["/v1/customers"],
  wallet: ["/v1/customers", "/v1/wallet-moves"],
  good: ["/v1/agent-goods", "/v1/customers"],
  staff: ["/v1/staff"],
  login: ["/v1/staff"],
  key: ["/v1/keys"],
  keys: ["/v1/keys"],
  webhook: ["/v1/webhooks", "/v1/webhook-deliveries"],
  desk: ["/v1/desk"],
  verify: ["/v1/desk", "/v1/system"],
  annotation: ["/v1/cockpit/trend"],
};

/** Hear of what happens, as it happens; a page that shows something live listens for its own. */
export function useHints(listener: (hint: Hint) => void): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

/**
 * Keep what is on the screen true: what the server hints at is read anew, gathered for a moment.
 * One stream for the whole console. A hidden tab holds none, as a browser has but six connections
 * to a host: when it is looked at again everything on it is read anew.
 */
export function useLive(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const changed = new Set<string>();
    let gathering: ReturnType<typeof setTimeout> | undefined;
    const readAll = () => void queries.invalidateQueries({ predicate: isRead });
    const readAnew = () => {
      gathering = undefined;
      const paths = [...changed].flatMap((subject) => READ_ANEW[subject] ?? []);
      changed.clear();
      if (paths.length === 0) return;
      void queries.invalidateQueries({
        predicate: (query) =>
          isRead(query) && paths.some((one) => `${String(query.queryKey[1])}$`.startsWith(one)),
      });
    };
    const hear = (hint: Hint) => {
      for (const tell of listeners) tell(hint);
      changed.add(hint.subject);
      gathering ??= setTimeout(readAnew, GATHER_MS);
    };
    const close = stream(hear, readAll);
    return () => {
      close();
      clearTimeout(gathering);
    };
  }, [queries]);
}

/** Questions that only read; what is searched for is asked once. */
function isRead({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  return queryKey[0] === "get";
}

/** Listen while the tab is seen, and again where the server ended it; returns how to end it. */
function stream(hear: (hint: Hint) => void, readAll: () => void): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(again);
    source?.close();
    source = undefined;
  };
  const open = () => {
    close();
    const opened = new EventSource("/v1/live");
    source = opened;
    opened.addEventListener("hint", ({ data }: MessageEvent<string>) =>
      hear(JSON.parse(data) as Hint),
    );
    opened.addEventListener("reload", readAll);
    opened.addEventListener("error", () => {
      // What was cut connects again by itself. What was refused is asked later: too many listen,
      // or nobody is signed in any more, which reading anything brings to light.
      if (opened.readyState === EventSource.CLOSED && source === opened) {
        again = setTimeout(() => {
          readAll();
          open();
        }, REFUSED_MS);
      }
    });
  };
  const turn = () => {
    if (document.hidden) close();
    else if (source === undefined) {
      open();
      readAll();
    }
  };
  if (!document.hidden) open();
  document.addEventListener("visibilitychange", turn);
  return () => {
    document.removeEventListener("visibilitychange", turn);
    close();
  };
}
