import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import type { Store } from "./frame";
import { Grant, Reading, Waiting, waitingIn } from "./stand";
import { StopAll } from "./stop";

const QUERY = { state: oneOf("open", "closed"), after: text, sort: text };
const LOOK_AGAIN_MS = 20_000;

/** Every store: where it stands, how far we act for it, whether its orders come, what waits. */
export default function Stores() {
  const { t } = useTranslation("stores");
  const may = useMay();
  const [{ sort, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/stores",
    { params: { query: { ...query, health: true } } },
    { placeholderData: keepPreviousData, refetchInterval: LOOK_AGAIN_MS },
  );
  const connect = may("settings.write") && (
    <Link to={paths.connectStore()}>
      <Button type="primary">{t("list.connect")}</Button>
    </Link>
  );
  return (
    <Page
      title={t("list.title")}
      about={t("list.about")}
      acts={
        <>
          {connect}
          <StopAll stores={asked.data?.stores} />
        </>
      }
    >
      <List<Store>
        name="stores"
        label={t("list.title")}
        columns={useColumns()}
        rows={asked.data?.stores}
        keyOf={(store) => store.code}
        asked={asked}
        sort={sort}
        change={change}
        total={asked.data?.total}
        cursor={{ name: "after", at: query.after, next: asked.data?.next_after }}
        linkOf={(store) => paths.store(store.code)}
        filtered={query.state !== undefined}
        onClear={() => change({ state: null })}
        filters={
          <Choice
            label={t("list.state")}
            value={query.state}
            choices={useChoices("store")}
            onChange={(state) => change({ state })}
          />
        }
        empty={
          <Empty title={t("list.empty")} act={connect}>
            {t("list.empty_hint")}
          </Empty>
        }
      />
    </Page>
  );
}

function useColumns(): Column<Store>[] {
  const { t } = useTranslation("stores");
  const may = useMay();
  const none = <span className="soft">—</span>;
  return [
    {
      name: "name",
      title: t("list.store"),
      of: (store) => store.name,
      compare: (one, other) => one.name.localeCompare(other.name),
    },
    {
      name: "channel",
      title: t("list.channel"),
      of: (store) => <Word of="channel" value={store.channel} />,
      compare: (one, other) => one.channel.localeCompare(other.channel),
    },
    {
      name: "mode",
      title: t("list.mode"),
      of: (store) =>
        store.state === "closed" ? (
          <Badge of="store" value={store.state} />
        ) : store.health ? (
          <Badge of="mode" value={store.health.mode} />
        ) : (
          none
        ),
    },
    {
      name: "grant",
      title: t("list.grant"),
      of: (store) =>
        store.health ? (
          <Grant health={store.health} />
        ) : store.channel === "direct" ? (
          <span className="soft">{t("list.own_counter")}</span>
        ) : may("settings.write") ? (
          <Link to={paths.connectStore({ store: store.code })}>{t("list.go_on")}</Link>
        ) : (
          <span className="soft">{t("list.not_connected")}</span>
        ),
    },
    {
      name: "read",
      title: t("list.read"),
      of: (store) => (store.health ? <Reading health={store.health} /> : none),
    },
    {
      name: "waiting",
      title: t("list.waiting"),
      figures: true,
      of: (store) => (store.health ? <Waiting store={store} health={store.health} /> : none),
      compare: (one, other) => waits(one) - waits(other),
    },
    {
      name: "unmapped",
      title: t("list.unmapped"),
      figures: true,
      of: ({ code, health }) =>
        health && health.unmapped > 0 ? (
          <Link to={paths.listings(code, { mapped: "false" })}>
            {health.unmapped} / {health.on_sale}
          </Link>
        ) : health ? (
          `0 / ${formatCount(health.on_sale)}`
        ) : (
          none
        ),
    },
    {
      name: "pushed",
      title: t("list.pushed"),
      of: (store) => <Time at={store.health?.pushed_at} />,
      optional: true,
    },
    {
      name: "code",
      title: t("list.code"),
      of: (store) => <span className="code">{store.code}</span>,
      compare: (one, other) => one.code.localeCompare(other.code),
      optional: true,
    },
    {
      name: "shop",
      title: t("list.shop"),
      of: (store) => store.health?.shop_name ?? none,
      optional: true,
    },
  ];
}

function waits({ health }: Store): number {
  return health ? waitingIn(health).open : 0;
}
