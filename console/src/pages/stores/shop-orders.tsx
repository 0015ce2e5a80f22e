import { keepPreviousData } from "@tanstack/react-query";
import { Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { useNames } from "@/things/sought";
import { Act } from "@/ui/act";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time, useNow } from "@/ui/time";
import { e4 } from "@/util/money";
import { actOn, ORDER_ACTS, type OrderAct, type ShopOrder } from "./orders-acts";

const QUERY = {
  store: text,
  step: oneOf(
    "seen",
    "due",
    "unmapped",
    "held",
    "shadowed",
    "taken",
    "sent",
    "confirmed",
    "ended",
    "trouble",
  ),
  said: text,
  number: text,
  before: text,
};

/** Orders as their platforms tell them: what waits at which step, and why. */
export default function ShopOrders() {
  const { t } = useTranslation("stores");
  const may = useMay();
  const [query, change] = useUrl(QUERY);
  const [chosen, setChosen] = useState<readonly ShopOrder[]>([]);
  const asked = api.useQuery(
    "get",
    "/v1/shop-orders",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const filtered = Boolean(query.store || query.step || query.said || query.number);
  const writes = may("orders.write");
  return (
    <Page title={t("orders.title")} about={t("orders.about")}>
      <List<ShopOrder>
        name="shop_orders"
        label={t("orders.title")}
        columns={useColumns(
          useNames("store", asked.data?.shop_orders.map(({ store }) => store) ?? []),
        )}
        rows={asked.data?.shop_orders}
        keyOf={(order) => order.id}
        asked={asked}
        change={change}
        total={asked.data?.total}
        more={asked.data?.more}
        cursor={{ name: "before", at: query.before, next: asked.data?.next_before }}
        filtered={filtered}
        onClear={() => change({ store: null, step: null, said: null, number: null })}
        {...(writes
          ? {
              chosen: {
                keys: chosen.map(({ id }) => id),
                choose: (_: string[], rows: ShopOrder[]) => setChosen(rows),
              },
              bulk: <Bulk chosen={chosen} onDone={() => setChosen([])} />,
            }
          : {})}
        filters={
          <>
            <ChoiceOf
              of="store"
              label={t("list.store")}
              value={query.store}
              onChange={(store) => change({ store })}
            />
            <Choice
              label={t("orders.step")}
              value={query.step}
              choices={useChoices("step")}
              onChange={(step) => change({ step })}
            />
            <Typed
              label={t("orders.number")}
              value={query.number}
              onChange={(number) => change({ number })}
            />
          </>
        }
        empty={<Empty title={t("orders.empty")}>{t("orders.empty_hint")}</Empty>}
      />
    </Page>
  );
}

/** What can be done with all that are chosen, as far as each allows it. */
function Bulk({ chosen, onDone }: { chosen: readonly ShopOrder[]; onDone: () => void }) {
  const { t } = useTranslation("stores");
  const confirm = useConfirm();
  const refresh = useRefresh();
  const say = useSay();
  const able = (act: OrderAct) => chosen.filter(({ can }) => can.includes(act));
  const send = async (act: OrderAct, ids: string[]) => {
    const undone = await actOn(act, ids);
    await refresh("/v1/shop-orders", "/v1/stores", "/v1/stores/{code}");
    onDone();
    const done = ids.length - undone.length;
    say.done(
      t("orders.done", { act: t(`orders.${act}`), count: done }),
      undone.length > 0 ? t("orders.undone", { count: undone.length }) : undefined,
    );
  };
  const begin = (act: OrderAct) => {
    const ids = able(act).map(({ id }) => id);
    if (act === "try_again" || act === "release") {
      return send(act, ids).catch(say.failed);
    }
    return confirm({
      title: t(`orders.${act}_ask`, { count: ids.length }),
      about: t(`orders.${act}_about`),
      verb: t(`orders.${act}`),
      send: () => send(act, ids),
    });
  };
  return (
    <Space wrap>
      {ORDER_ACTS.filter((act) => able(act).length > 0).map((act) => (
        <Act key={act} onClick={() => begin(act)}>
          {t("orders.some", { act: t(`orders.${act}`), count: able(act).length })}
        </Act>
      ))}
    </Space>
  );
}

/** What was paid; in words where nothing is yet: what it will be isn't known. */
function Paid({ order }: { order: ShopOrder }) {
  const { t } = useTranslation("stores");
  const none = order.paid_at === null && e4(order.paid) === 0n;
  return none ? <span className="soft">{t("orders.unpaid")}</span> : <Money value={order.paid} />;
}

const WAITS: readonly ShopOrder["step"][] = ["due", "unmapped", "held", "taken", "sent", "trouble"];

function useColumns(names: ReadonlyMap<string, string>): Column<ShopOrder>[] {
  const { t } = useTranslation("stores");
  const now = useNow();
  return [
    {
      name: "number",
      title: t("orders.number"),
      of: (order) => <span className="code">{order.number}</span>,
    },
    {
      name: "store",
      title: t("list.store"),
      of: ({ store }) => store && <Link to={paths.store(store)}>{names.get(store) ?? store}</Link>,
    },
    {
      name: "item",
      title: t("orders.item"),
      of: (order) => (
        <span className="clipped" title={order.title}>
          {order.title}
          {order.lines > 1 && (
            <span className="soft"> {t("orders.more_lines", { count: order.lines })}</span>
          )}
        </span>
      ),
    },
    {
      name: "step",
      title: t("orders.step"),
      of: (order) => <Badge of="step" value={order.step} />,
    },
    {
      name: "said",
      title: t("orders.said"),
      of: (order) => order.said && <Word of="said" value={order.said} />,
    },
    {
      name: "paid",
      title: t("orders.paid"),
      figures: true,
      of: (order) => <Paid order={order} />,
    },
    {
      name: "ship_by",
      title: t("orders.ship_by"),
      of: (order) => {
        if (!order.ship_by || !WAITS.includes(order.step)) return <span className="soft">—</span>;
        const late = Date.parse(order.ship_by) < now;
        return (
          <span className={late ? "alarm" : ""}>
            <Time at={order.ship_by} /> {late && t("orders.late")}
          </span>
        );
      },
    },
    {
      name: "ours",
      title: t("orders.ours"),
      of: (order) =>
        order.order_id ? (
          <Link to={paths.order(order.order_id)}>{t("orders.see")}</Link>
        ) : (
          <span className="soft">—</span>
        ),
    },
    {
      name: "paid_at",
      title: t("orders.paid_at"),
      of: (order) => <Time at={order.paid_at} />,
      optional: true,
    },
    {
      name: "mode",
      title: t("orders.mode"),
      of: (order) => <Badge of="mode" value={order.mode} />,
      optional: true,
    },
    {
      name: "attempts",
      title: t("orders.attempts"),
      figures: true,
      of: (order) => <Count value={order.attempts} />,
      optional: true,
    },
    {
      name: "account",
      title: t("orders.account"),
      of: (order) => <span className="code">{Object.values(order.accounts).join(" ")}</span>,
      optional: true,
    },
  ];
}
