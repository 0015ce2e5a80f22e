import {
  AlertOutlined,
  BankOutlined,
  DashboardOutlined,
  InboxOutlined,
  ProfileOutlined,
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
    { name: "home", path: "/", go: "h", words: ["home"], load: () => import("@/pages/home/home") },
  ]},
  { name: "desk", icon: <AlertOutlined />, pages: [
    { name: "desk", path: "/desk", may: SEES_DESK, go: "e", mark: DeskMark, words: ["desk"], load: () => import("@/pages/desk/desk") },
  ]},
  { name: "orders", icon: <ProfileOutlined />, pages: [
    { name: "orders", path: "/orders", may: "orders.read", go: "o", words: ["orders"], load: () => import("@/pages/orders/list") },
    { name: "bulk", path: "/orders/bulk", may: "orders.write", words: ["orders"], load: () => import("@/pages/orders/bulk") },
    { name: "order", path: "/orders/:id", may: "orders.read", inner: true, words: ["orders"], load: () => import("@/pages/orders/order") },
  ]},
  { name: "stores", icon: <ShopOutlined />, pages: [] },
  { name: "customers", icon: <TeamOutlined />, pages: [] },
  { name: "stock", icon: <InboxOutlined />, pages: [
    { name: "skus", path: "/skus", may: "catalog.read", go: "k", words: ["catalogue"], load: () => import("@/pages/skus/list") },
  ]},
  { name: "supply", icon: <ShoppingCartOutlined />, pages: [] },
  { name: "finance", icon: <BankOutlined />, pages: [
    { name: "profit", path: "/finance/profit", may: "reports.read", go: "p", words: ["finance"], load: () => import("@/pages/finance/profit") },
    { name: "trial_balance", path: "/finance/trial-balance", may: "ledger.read", words: ["finance"], load: () => import("@/pages/finance/trial-balance") },
    { name: "account_statement", path: "/finance/accounts/:id", may: "ledger.read", inner: true, words: ["finance"], load: () => import("@/pages/finance/statement") },
  ]},
  { name: "settings", icon: <SettingOutlined />, pages: [
    { name: "account", path: "/account", inner: true, words: ["account"], load: () => import("@/pages/account/account") },
    { name: "staff", path: "/settings/staff", may: "staff.manage", words: ["settings"], load: () => import("@/pages/settings/staff") },
    { name: "keys", path: "/settings/keys", may: "keys.manage", words: ["settings"], load: () => import("@/pages/settings/keys") },
  ]},
];
