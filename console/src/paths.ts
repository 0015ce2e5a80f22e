import { createSearchParams } from "react-router";

type Asked = Readonly<Record<string, string | number | undefined>>;

function asking(path: string, asked: Asked = {}): string {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  const query = createSearchParams(
    given.map(([name, value]) => [name, String(value)] as [string, string]),
  );
  return query.size > 0 ? `${path}?${query}` : path;
}

/** Every link is a function: what a page is called and what it needs is said in one place. */
export const paths = {
  signIn: (asked: { back?: string; shop?: string; login?: string } = {}) =>
    asking("/sign-in", asked),
  home: () => "/",
  cockpit: (asked: { wall?: "1"; by?: string } = {}) => asking("/cockpit", asked),
  desk: (asked: Asked = {}) => asking("/desk", asked),
  orders: (asked: Asked = {}) => asking("/orders", asked),
  order: (id: string) => `/orders/${id}`,
  bulkOrders: () => "/orders/bulk",
  approvals: (asked: Asked = {}) => asking("/orders/approvals", asked),
  profit: (asked: Asked = {}) => asking("/finance/profit", asked),
  profitOrders: (asked: Asked = {}) => asking("/finance/profit/orders", asked),
  capital: (asked: { by?: "sku"; supplier?: string; sort?: string } = {}) =>
    asking("/finance/capital", asked),
  trialBalance: (asked: { at?: string } = {}) => asking("/finance/trial-balance", asked),
  openings: (asked: { show?: string } = {}) => asking("/finance/openings", asked),
  accountStatement: (id: string) => `/finance/accounts/${id}`,
  stores: (asked: { show?: string } = {}) => asking("/stores", asked),
  store: (code: string) => `/stores/${code}`,
  connectStore: (asked: { store?: string; step?: string } = {}) => asking("/connect-store", asked),
  storePermitted: () => "/store-permitted",
  listings: (code: string, asked: { mapped?: string; q?: string } = {}) =>
    asking(`/stores/${code}/listings`, asked),
  pilot: (code: string) => `/stores/${code}/pilot`,
  shopOrders: (asked: { store?: string; step?: string; number?: string } = {}) =>
    asking("/shop-orders", asked),
  shopRefunds: (asked: { store?: string; step?: string; order_number?: string } = {}) =>
    asking("/shop-refunds", asked),
  skus: (asked: { state?: "active" | "retired"; show?: string } = {}) => asking("/skus", asked),
  stock: (asked: Asked = {}) => asking("/stock", asked),
  cards: (asked: { lot?: string; order?: string; state?: string; show?: string } = {}) =>
    asking("/stock/cards", asked),
  lots: (asked: Asked = {}) => asking("/stock/lots", asked),
  reservations: (asked: { state?: string } = {}) => asking("/stock/reservations", asked),
  stocktakes: (asked: { show?: string } = {}) => asking("/stock/stocktakes", asked),
  strategies: (asked: { show?: string } = {}) => asking("/stock/strategies", asked),
  warehouses: () => "/stock/warehouses",
  imports: (asked: { state?: string; sku?: string; show?: string } = {}) =>
    asking("/stock/imports", asked),
  newImport: () => "/stock/imports/new",
  which: () => "/stock/which",
  customers: (asked: { q?: string; agents?: string; show?: string } = {}) =>
    asking("/customers", asked),
  customer: (code: string, asked: { tab?: string } = {}) => asking(`/customers/${code}`, asked),
  agentGoods: () => "/customers/goods",
  walletMoves: (asked: { state?: string } = {}) => asking("/customers/wallet-moves", asked),
  prices: (asked: Asked = {}) => asking("/supply/prices", asked),
  offers: (asked: Asked = {}) => asking("/supply/offers", asked),
  suppliers: (asked: { show?: string } = {}) => asking("/supply/suppliers", asked),
  supplier: (code: string, asked: Asked = {}) => asking(`/supply/suppliers/${code}`, asked),
  purchases: (asked: Asked = {}) => asking("/supply/purchases", asked),
  purchase: (id: string) => `/supply/purchases/${id}`,
  doubt: (asked: Asked = {}) => asking("/supply/doubt", asked),
  reorder: (asked: Asked = {}) => asking("/supply/reorder", asked),
  purchaseRules: (asked: Asked = {}) => asking("/supply/rules", asked),
  prepaid: (asked: Asked = {}) => asking("/supply/prepaid", asked),
  statements: (asked: Asked = {}) => asking("/supply/statements", asked),
  supplierStatement: (id: string, asked: Asked = {}) => asking(`/supply/statements/${id}`, asked),
  account: (asked: { show?: string } = {}) => asking("/account", asked),
  staff: (asked: { show?: string } = {}) => asking("/settings/staff", asked),
  keys: (asked: { show?: string } = {}) => asking("/settings/keys", asked),
  webhooks: (asked: Asked = {}) => asking("/settings/webhooks", asked),
  shop: (asked: { show?: "change" | "rate" } = {}) => asking("/settings/shop", asked),
  limits: () => "/settings/limits",
  personal: () => "/settings/personal",
  audit: (asked: Asked = {}) => asking("/settings/audit", asked),
  system: () => "/settings/system",
  help: (asked: { q?: string } = {}) => asking("/help", asked),
  guide: (name: string) => `/help/${name}`,
} as const;
