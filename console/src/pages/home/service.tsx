import { Skeleton } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { Finder } from "@/components/search";
import { GROUPS } from "@/pages/desk/kinds";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { dayIn } from "@/util/time";
import { Next, useMatters } from "./matters";

const MOST = 6;

/** The search box first; then orders that don't go on, one's own, and what was refused today. */
export function Service() {
  const { t } = useTranslation("home");
  const early = useRef("");
  const orders = useMatters(GROUPS.orders);
  const mine = useMatters(undefined, true);
  return (
    <>
      <section className="part home-search" aria-label={t("search.title")}>
        <Finder early={early} onLeave={() => undefined} />
      </section>
      <div className="home-pair">
        <Next
          asked={orders}
          title={t("next.orders")}
          means={t("next.orders_means")}
          none={t("next.orders_none")}
          to={paths.desk({ group: "orders" })}
        />
        <div className="home">
          <Next
            asked={mine}
            title={t("next.mine")}
            means={t("next.mine_means")}
            none={t("next.mine_none")}
            to={paths.desk({ mine: "true" })}
          />
          <Refused />
        </div>
      </div>
    </>
  );
}

/** Orders of today that got nothing, and won't: the buyer will ask. */
function Refused() {
  const { t } = useTranslation("home");
  const day = dayIn(useMe().tenant.timezone);
  const query = { state: "refused", from: day, to: day } as const;
  const asked = api.useQuery("get", "/v1/orders", { params: { query: { ...query, limit: MOST } } });
  const orders = asked.data?.orders ?? [];
  const total = asked.data?.total ?? 0;
  return (
    <Part title={t("refused.title")} means={t("refused.means")} at={asked.dataUpdatedAt}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 3 }} title={false} />}
      {asked.data && orders.length === 0 && <p className="soft">{t("refused.none")}</p>}
      <ul className="waits">
        {orders.map((order) => (
          <li key={order.order_id}>
            <Link to={paths.order(order.order_id)} className="code">
              {order.external_id}
            </Link>
            <span className="spring" />
            <Badge of="order" value={order.state} />
            <Money value={order.total} currency={order.currency} />
            <Time at={order.accepted_at} />
          </li>
        ))}
      </ul>
      {total > orders.length && <Link to={paths.orders(query)}>{t("all", { count: total })}</Link>}
    </Part>
  );
}
