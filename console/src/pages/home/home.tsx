import { Card } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { type Permission, useMay, useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { Begin } from "./begin";

type Order = components["schemas"]["OrderShown"];

const DESK = [
  "orders.read",
  "purchases.read",
  "prepaid.read",
  "suppliers.read",
  "stock.read",
] as const satisfies readonly Permission[];

/** The first thing somebody sees: what waits for them, and where to begin. */
export default function Home() {
  const { t } = useTranslation("home");
  const me = useMe();
  const may = useMay();
  return (
    <Page title={t("hello", { name: me.name ?? me.tenant.name })}>
      <div style={{ display: "grid", gap: 16 }}>
        <Begin />
        <div className="figures-strip">
          {may(DESK) && <Waiting />}
          {may("stock.read") && <Alerts />}
        </div>
        {may("orders.read") && <LatestOrders />}
      </div>
    </Page>
  );
}

/** What waits for a person, and how much of it is late. */
function Waiting() {
  const { t } = useTranslation("home");
  const asked = api.useQuery("get", "/v1/desk/counts");
  const counts = asked.data;
  return (
    <>
      <Figure
        name={t("waiting")}
        means={t("waiting_means")}
        value={<Count value={counts?.total} />}
        to={paths.desk()}
      />
      <Figure
        name={t("overdue")}
        means={t("overdue_means")}
        alarm={(counts?.overdue ?? 0) > 0}
        value={<Count value={counts?.overdue} />}
        note={counts && counts.soon > 0 && t("soon", { count: counts.soon })}
      />
    </>
  );
}

function Alerts() {
  const { t } = useTranslation("home");
  const asked = api.useQuery("get", "/v1/stock/alerts");
  return (
    <Figure
      name={t("alerts")}
      means={t("alerts_means")}
      alarm={(asked.data?.alerts.length ?? 0) > 0}
      value={<Count value={asked.data?.alerts.length} />}
    />
  );
}

function LatestOrders() {
  const { t } = useTranslation("home");
  const asked = api.useQuery("get", "/v1/orders", { params: { query: { limit: 10 } } });
  const orders = asked.data?.orders ?? [];
  return (
    <Card size="small" title={t("orders_latest")} loading={asked.isPending}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {orders.length === 0 && !asked.error && <Empty title={t("no_orders")} />}
      <div style={{ display: "grid", gap: 6 }}>
        {orders.map((order) => (
          <OrderLine key={order.order_id} order={order} />
        ))}
      </div>
    </Card>
  );
}

function OrderLine({ order }: { order: Order }) {
  return (
    <div style={{ display: "flex", gap: 12, alignItems: "center" }}>
      <span className="code" style={{ flex: 1 }}>
        {order.external_id}
      </span>
      <Badge of="order" value={order.state} />
      <Money value={order.total} currency={order.currency} />
      <Time at={order.accepted_at} />
    </div>
  );
}
