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
  desk: (asked: Asked = {}) => asking("/desk", asked),
  orders: (asked: Asked = {}) => asking("/orders", asked),
  order: (id: string) => `/orders/${id}`,
  bulkOrders: () => "/orders/bulk",
  profit: (asked: { by?: string; from?: string; to?: string } = {}) =>
    asking("/finance/profit", asked),
  trialBalance: (asked: { at?: string } = {}) => asking("/finance/trial-balance", asked),
  accountStatement: (id: string) => `/finance/accounts/${id}`,
  skus: (asked: { state?: "active" | "retired"; show?: string } = {}) => asking("/skus", asked),
  account: (asked: { show?: string } = {}) => asking("/account", asked),
  staff: (asked: { show?: string } = {}) => asking("/settings/staff", asked),
  keys: (asked: { show?: string } = {}) => asking("/settings/keys", asked),
} as const;
