import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { Views } from "@/components/views";
import { OrderNew } from "@/forms/order-new";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { flag, oneOf, text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { useColumns } from "./columns";
import { Export } from "./export";
import { Filters } from "./filters";

export type Order = components["schemas"]["OrderListed"];

const QUERY = {
  q: text,
  state: oneOf("filled", "partly_filled", "short", "refused", "refunded"),
  store: text,
  sku: text,
  from: text,
  to: text,
  source: oneOf("platform", "agent", "direct"),
  customer: text,
  brand: text,
  product: text,
  amount_from: text,
  amount_to: text,
  refunded: flag,
  sort: oneOf("accepted_at", "-accepted_at", "total", "-total"),
  before: text,
  show: oneOf("new"),
};
const NARROWS = Object.keys(QUERY).filter((name) => !["sort", "before", "show"].includes(name));

/** Every order: what it sold, whose it is, how far it is, what went back. */
export default function Orders() {
  const { t } = useTranslation("orders");
  const may = useMay();
  const navigate = useNavigate();
  const [{ show, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/orders",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const { before, sort, ...narrowed } = query;
  const page = asked.data;
  return (
    <Page
      title={t("list.title")}
      about={t("list.about")}
      acts={
        <>
          <Views page="orders" />
          <Export query={{ ...narrowed, ...(sort ? { sort } : {}) }} />
          {may("orders.write") && (
            <Button onClick={() => navigate(paths.bulkOrders())}>{t("bulk.title")}</Button>
          )}
          {may("orders.write") && (
            <Button type="primary" onClick={() => change({ show: "new" })}>
              {t("manual.title")}
            </Button>
          )}
        </>
      }
    >
      <List
        name="orders"
        label={t("list.label")}
        columns={useColumns()}
        rows={page?.orders}
        keyOf={(order) => order.order_id}
        asked={asked}
        sort={sort}
        sorts={["accepted_at", "total"]}
        change={change}
        cursor={{ name: "before", at: before, next: page?.next_before }}
        linkOf={(order) => paths.order(order.order_id)}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() => change(Object.fromEntries(NARROWS.map((name) => [name, null])))}
        filters={<Filters query={narrowed} change={change} />}
        total={page && !page.more ? page.total : undefined}
        empty={<Empty title={t("list.empty")}>{t("list.empty_hint")}</Empty>}
      />
      {page?.more && (
        <p className="soft figures" role="status">
          {t("list.at_least", { total: page.total })}
        </p>
      )}
      <OrderNew open={show === "new"} onClose={() => change({ show: null })} />
    </Page>
  );
}
