import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";

type Order = components["schemas"]["OrderListed"];

/** A customer's latest orders; all of them are a click away. */
export function CustomerOrders({ code }: { code: string }) {
  const { t } = useTranslation("customers");
  const asked = api.useQuery("get", "/v1/orders", {
    params: { query: { customer: code, limit: 20 } },
  });
  const page = asked.data;
  return (
    <List<Order>
      name="customer-orders"
      label={t("one.orders")}
      rows={page?.orders}
      keyOf={(order) => order.order_id}
      asked={asked}
      linkOf={(order) => paths.order(order.order_id)}
      total={page?.total}
      more={page?.more}
      filters={
        <>
          <strong>{t("one.orders")}</strong>
          <Link to={paths.orders({ customer: code })}>{t("one.orders_all")}</Link>
        </>
      }
      columns={[
        { name: "number", title: t("one.order"), of: (order) => order.external_id },
        {
          name: "state",
          title: t("one.state"),
          of: (order) => <Badge of="order" value={order.state} />,
        },
        {
          name: "total",
          title: t("one.total"),
          of: (order) => <Money value={order.total} />,
          figures: true,
        },
        { name: "at", title: t("one.at"), of: (order) => <Time at={order.accepted_at} /> },
      ]}
      empty={<Empty title={t("one.orders_none")} />}
    />
  );
}
