import {
  AlertOutlined,
  BankOutlined,
  DashboardOutlined,
  InboxOutlined,
  ProfileOutlined,
  QuestionCircleOutlined,
  SettingOutlined,
  ShopOutlined,
  ShoppingCartOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ComponentType, ReactNode } from "react";
import type { Permission } from "@/api/me";
import { DeskMark, SEES_DESK } from "@/components/desk-mark";
import type shell from "@/words/shell.zh";

/** A page: where it is, who may see it, how it is fetched. */
export interface SitePage {
  /** Its name in the navigation: `pages.<name>` of words/shell. */
  readonly name: keyof (typeof shell)["pages"];
  readonly path: string;
  /** One of these is needed; everybody may without. */
  readonly may?: Permission | readonly Permission[];
  readonly load: () => Promise<{ default: ComponentType }>;
  /** The namespaces of words it needs, fetched together with it. */
  readonly words: readonly Namespace[];
  /** The letter that goes there after `g`. */
  readonly go?: string;
  /** Reached from another page, not from the navigation. */
  readonly inner?: true;
  /** Its guide: the name of a file in docs/guides or docs/concepts, without its ending. */
  readonly help?: string;
  /** A mark beside its name in the navigation: how many wait, say. */
  readonly mark?: ComponentType;
}

export interface SiteGroup {
  /** Its name in the navigation: `groups.<name>` of words/shell. */
  readonly name: keyof (typeof shell)["groups"];
  readonly icon: ReactNode;
  readonly pages: readonly SitePage[];
}

/** The whole site, in the order of the flow of goods. A page is a line here and one in paths.ts. */
// biome-ignore format: one line a page
export const SITE: readonly SiteGroup[] = [
  { name: "cockpit", icon: <DashboardOutlined />, pages: [
    { name: "home", path: "/", go: "h", help: "first-steps", words: ["home", "cockpit", "desk"], load: () => import("@/pages/home/home") },
    { name: "cockpit", path: "/cockpit", may: "stock.read", go: "c", help: "read-the-cockpit", words: ["cockpit", "desk"], load: () => import("@/pages/cockpit/cockpit") },
  ]},
  { name: "desk", icon: <AlertOutlined />, pages: [
    { name: "desk", path: "/desk", may: SEES_DESK, go: "e", mark: DeskMark, help: "work-the-desk", words: ["desk"], load: () => import("@/pages/desk/desk") },
  ]},
  { name: "orders", icon: <ProfileOutlined />, pages: [
    { name: "orders", path: "/orders", may: "orders.read", go: "o", help: "look-after-orders", words: ["orders", "approvals"], load: () => import("@/pages/orders/list") },
    { name: "bulk", path: "/orders/bulk", may: "orders.write", help: "look-after-orders", words: ["orders", "approvals"], load: () => import("@/pages/orders/bulk") },
    { name: "approvals", path: "/orders/approvals", may: ["orders.write", "orders.refund", "orders.approve"], help: "look-after-orders", words: ["approvals"], load: () => import("@/pages/orders/approvals") },
    { name: "order", path: "/orders/:id", may: "orders.read", inner: true, help: "look-after-orders", words: ["orders", "approvals", "cards"], load: () => import("@/pages/orders/order") },
  ]},
  { name: "stores", icon: <ShopOutlined />, pages: [
    { name: "stores", path: "/stores", may: "orders.read", go: "m", help: "look-after-stores", words: ["stores"], load: () => import("@/pages/stores/list") },
    { name: "shop_orders", path: "/shop-orders", may: "orders.read", help: "look-after-stores", words: ["stores"], load: () => import("@/pages/stores/shop-orders") },
    { name: "shop_refunds", path: "/shop-refunds", may: "orders.read", help: "look-after-stores", words: ["stores"], load: () => import("@/pages/stores/shop-refunds") },
    { name: "store_connect", path: "/connect-store", may: "settings.write", inner: true, help: "look-after-stores", words: ["stores", "connect"], load: () => import("@/pages/stores/connect") },
    { name: "store_permitted", path: "/store-permitted", may: "settings.write", inner: true, help: "look-after-stores", words: ["stores", "connect"], load: () => import("@/pages/stores/permitted") },
    { name: "store", path: "/stores/:code", may: "orders.read", inner: true, help: "look-after-stores", words: ["stores"], load: () => import("@/pages/stores/store") },
    { name: "listings", path: "/stores/:code/listings", may: "catalog.read", inner: true, help: "map-listings", words: ["stores", "listings"], load: () => import("@/pages/stores/listings") },
    { name: "pilot", path: "/stores/:code/pilot", may: "orders.read", inner: true, help: "run-a-pilot", words: ["stores", "pilot"], load: () => import("@/pages/stores/pilot") },
  ]},
  { name: "customers", icon: <TeamOutlined />, pages: [
    { name: "customers", path: "/customers", may: "orders.read", help: "sell-to-agents", words: ["customers"], load: () => import("@/pages/customers/list") },
    { name: "agent_goods", path: "/customers/goods", may: "stock.read", help: "sell-to-agents", words: ["customers"], load: () => import("@/pages/customers/goods") },
    { name: "wallet_moves", path: "/customers/wallet-moves", may: "prepaid.read", help: "sell-to-agents", words: ["customers"], load: () => import("@/pages/customers/moves-page") },
    { name: "customer", path: "/customers/:code", may: "orders.read", inner: true, help: "sell-to-agents", words: ["customers", "finance"], load: () => import("@/pages/customers/customer") },
  ]},
  { name: "stock", icon: <InboxOutlined />, pages: [
    { name: "stock", path: "/stock", may: "stock.read", go: "s", help: "look-after-stock", words: ["stock", "strategies"], load: () => import("@/pages/stock/overview") },
    { name: "cards", path: "/stock/cards", may: "stock.read", go: "f", help: "look-after-stock", words: ["cards", "stock", "strategies"], load: () => import("@/pages/cards/cards") },
    { name: "lots", path: "/stock/lots", may: "stock.read", go: "l", help: "look-after-stock", words: ["stock"], load: () => import("@/pages/stock/lots") },
    { name: "reservations", path: "/stock/reservations", may: "stock.read", help: "look-after-stock", words: ["stock"], load: () => import("@/pages/stock/reservations") },
    { name: "stocktakes", path: "/stock/stocktakes", may: "stock.read", help: "look-after-stock", words: ["stocktakes", "stock", "imports"], load: () => import("@/pages/stocktakes/list") },
    { name: "strategies", path: "/stock/strategies", may: "stock.read", help: "look-after-stock", words: ["strategies", "stock"], load: () => import("@/pages/strategies/list") },
    { name: "warehouses", path: "/stock/warehouses", may: "stock.read", help: "look-after-stock", words: ["stock"], load: () => import("@/pages/stock/warehouses") },
    { name: "skus", path: "/skus", may: "catalog.read", go: "k", help: "set-up-skus", words: ["catalogue"], load: () => import("@/pages/skus/list") },
    { name: "imports", path: "/stock/imports", may: "stock.read", go: "i", help: "import-cards", words: ["imports"], load: () => import("@/pages/imports/list") },
    { name: "import_new", path: "/stock/imports/new", may: "stock.import", inner: true, help: "import-cards", words: ["imports"], load: () => import("@/pages/imports/new") },
    { name: "which", path: "/stock/which", may: "stock.read", go: "w", help: "look-after-stock", words: ["which"], load: () => import("@/pages/which/which") },
  ]},
  { name: "supply", icon: <ShoppingCartOutlined />, pages: [
    { name: "prices", path: "/supply/prices", may: "suppliers.read", go: "b", help: "buy-from-suppliers", words: ["prices"], load: () => import("@/pages/prices/board") },
    { name: "offers", path: "/supply/offers", may: "suppliers.read", help: "buy-from-suppliers", words: ["offers", "prices"], load: () => import("@/pages/offers/list") },
    { name: "suppliers", path: "/supply/suppliers", may: "suppliers.read", go: "v", help: "connect-a-supplier", words: ["suppliers"], load: () => import("@/pages/suppliers/list") },
    { name: "supplier", path: "/supply/suppliers/:code", may: "suppliers.read", inner: true, help: "connect-a-supplier", words: ["suppliers", "protocols"], load: () => import("@/pages/suppliers/supplier") },
    { name: "purchases", path: "/supply/purchases", may: "purchases.read", go: "u", help: "buy-from-suppliers", words: ["purchases"], load: () => import("@/pages/purchases/list") },
    { name: "purchase", path: "/supply/purchases/:id", may: "purchases.read", inner: true, help: "buy-from-suppliers", words: ["purchases"], load: () => import("@/pages/purchases/purchase") },
    { name: "doubt", path: "/supply/doubt", may: "purchases.read", help: "when-a-purchase-is-unclear", words: ["purchases"], load: () => import("@/pages/purchases/doubt") },
    { name: "reorder", path: "/supply/reorder", may: "purchases.read", help: "buy-from-suppliers", words: ["reorder", "purchases"], load: () => import("@/pages/purchases/reorder") },
    { name: "prepaid", path: "/supply/prepaid", may: "prepaid.read", go: "y", help: "prepaid-money", words: ["prepaid"], load: () => import("@/pages/prepaid/prepaid") },
    { name: "statements", path: "/supply/statements", may: "prepaid.read", help: "match-a-statement", words: ["statements"], load: () => import("@/pages/statements/list") },
    { name: "purchase_rules", path: "/supply/rules", may: "purchases.read", help: "buy-from-suppliers", words: ["rules", "purchases"], load: () => import("@/pages/purchases/rules") },
    { name: "supplier_statement", path: "/supply/statements/:id", may: "prepaid.read", inner: true, help: "match-a-statement", words: ["statements"], load: () => import("@/pages/statements/statement") },
  ]},
  { name: "finance", icon: <BankOutlined />, pages: [
    { name: "profit", path: "/finance/profit", may: "reports.read", go: "p", help: "close-the-day", words: ["finance"], load: () => import("@/pages/finance/profit") },
    { name: "capital", path: "/finance/capital", may: "reports.read", help: "read-the-cockpit", words: ["capital"], load: () => import("@/pages/finance/capital") },
    { name: "profit_orders", path: "/finance/profit/orders", may: "reports.read", inner: true, help: "close-the-day", words: ["finance"], load: () => import("@/pages/finance/profit-orders") },
    { name: "trial_balance", path: "/finance/trial-balance", may: "ledger.read", help: "close-the-day", words: ["finance"], load: () => import("@/pages/finance/trial-balance") },
    { name: "openings", path: "/finance/openings", may: "ledger.read", help: "run-a-pilot", words: ["openings"], load: () => import("@/pages/finance/openings") },
    { name: "account_statement", path: "/finance/accounts/:id", may: "ledger.read", inner: true, help: "close-the-day", words: ["finance"], load: () => import("@/pages/finance/statement") },
  ]},
  { name: "settings", icon: <SettingOutlined />, pages: [
    { name: "account", path: "/account", inner: true, help: "staff-and-security", words: ["account"], load: () => import("@/pages/account/account") },
    { name: "staff", path: "/settings/staff", may: "staff.manage", help: "staff-and-security", words: ["settings", "account"], load: () => import("@/pages/settings/staff") },
    { name: "limits", path: "/settings/limits", may: "settings.write", help: "look-after-orders", words: ["limits"], load: () => import("@/pages/settings/limits") },
    { name: "keys", path: "/settings/keys", may: "keys.manage", help: "staff-and-security", words: ["settings"], load: () => import("@/pages/settings/keys") },
    { name: "webhooks", path: "/settings/webhooks", may: "keys.manage", help: "receive-webhooks", words: ["webhooks"], load: () => import("@/pages/webhooks/list") },
    { name: "shop", path: "/settings/shop", may: "settings.write", help: "staff-and-security", words: ["shop"], load: () => import("@/pages/settings/shop") },
    { name: "personal", path: "/settings/personal", may: "settings.write", help: "personal-data", words: ["personal"], load: () => import("@/pages/settings/personal") },
    { name: "audit", path: "/settings/audit", may: "audit.read", go: "a", help: "staff-and-security", words: ["audit"], load: () => import("@/pages/settings/audit") },
    { name: "system", path: "/settings/system", may: "audit.read", go: "x", help: "keep-it-running", words: ["system"], load: () => import("@/pages/settings/system") },
  ]},
  { name: "help", icon: <QuestionCircleOutlined />, pages: [
    { name: "help", path: "/help", go: "q", words: ["help"], load: () => import("@/pages/help/help") },
    { name: "guide", path: "/help/:guide", inner: true, words: ["help"], load: () => import("@/pages/help/guide") },
  ]},
];
