import { Button, Space } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Badge, Word } from "@/ui/badge";
import { Page, PageSkeleton } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { useStop } from "./stop";

export type Store = components["schemas"]["StoreShown"];
export type Health = components["schemas"]["StoreHealth"];
export type Step = components["schemas"]["Step"];

const LOOK_AGAIN_MS = 20_000; // nothing tells that a platform was asked once more

/** One store, looked at again now and then: how it stands moves without anything happening. */
export function useStore(code: string | undefined) {
  return api.useQuery(
    "get",
    "/v1/stores/{code}",
    { params: { path: { code: code ?? "" } } },
    { enabled: Boolean(code), refetchInterval: LOOK_AGAIN_MS },
  );
}

/** What the store's pages have in common: its name, how it stands, the way between them. */
export function StorePage({
  code,
  title,
  acts,
  children,
}: {
  code: string;
  /** What this page of it is called; none on its own. */
  title?: string;
  acts?: ReactNode;
  children: (store: Store) => ReactNode;
}) {
  const { t } = useTranslation("stores");
  const asked = useStore(code);
  const stop = useStop();
  const store = asked.data;
  if (store === undefined) {
    return (
      <Page title={title ?? code}>
        <ProblemNote error={asked.error} again={() => void asked.refetch()} />
        {asked.isPending && <PageSkeleton />}
      </Page>
    );
  }
  return (
    <Page
      title={title ? `${store.name} · ${title}` : store.name}
      about={
        <Space size={12} wrap>
          <Word of="channel" value={store.channel} />
          <span className="code">{store.code}</span>
          {store.health && <Badge of="mode" value={store.health.mode} />}
          {store.state === "closed" && <Badge of="store" value={store.state} />}
        </Space>
      }
      acts={
        <>
          {acts}
          {store.can.includes("stop") && (
            <Button danger onClick={() => stop([store])}>
              {t("stop.verb")}
            </Button>
          )}
        </>
      }
    >
      <Tabs store={store} />
      {children(store)}
    </Page>
  );
}

function Tabs({ store }: { store: Store }) {
  const { t } = useTranslation("stores");
  const may = useMay();
  if (store.channel === "direct") return null;
  const { code, health } = store;
  return (
    <nav className="tabs" aria-label={t("tabs.label")}>
      <NavLink end to={paths.store(code)}>
        {t("tabs.store")}
      </NavLink>
      {may("catalog.read") && (
        <NavLink to={paths.listings(code)}>
          {t("tabs.listings")}
          {health && health.unmapped > 0 && <span className="mark">{health.unmapped}</span>}
        </NavLink>
      )}
      <NavLink to={paths.pilot(code)}>{t("tabs.pilot")}</NavLink>
      <Link to={paths.shopOrders({ store: code })}>{t("tabs.orders")}</Link>
    </nav>
  );
}
