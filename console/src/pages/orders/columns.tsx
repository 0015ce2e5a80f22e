import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import type { Column } from "@/table/columns";
import { Badge, Word } from "@/ui/badge";
import { Count, Money } from "@/ui/money";
import { Time } from "@/ui/time";
import { language } from "@/words";
import type { Order } from "./list";

export type Line = components["schemas"]["LineShown"];

/** What a line's SKU is called in the reader's language. */
export function nameOf(line: Line): string {
  return language() === "zh" ? line.name_zh : line.name_en;
}

function sum(order: Order, of: (line: Line) => number): number {
  return order.lines.reduce((so_far, line) => so_far + of(line), 0);
}

function Products({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const [first] = order.lines;
  if (first === undefined) return null;
  const more = order.lines.length;
  return (
    <>
      {nameOf(first)}{" "}
      {more > 1 && <span className="soft">{t("list.more_lines", { count: more })}</span>}
    </>
  );
}

/** What people ask of a list of orders; the rest can be chosen. */
export function useColumns(): Column<Order>[] {
  const { t } = useTranslation("orders");
  return [
    {
      name: "number",
      title: t("list.number"),
      of: (order) => <span className="code">{order.external_id}</span>,
    },
    { name: "product", title: t("list.product"), of: (order) => <Products order={order} /> },
    { name: "store", title: t("list.store"), of: (order) => order.store_name },
    { name: "buyer", title: t("list.buyer"), of: (order) => order.buyer ?? order.customer_name },
    {
      name: "state",
      title: t("list.state"),
      of: (order) => (
        <>
          <Badge of="order" value={order.state} />{" "}
          {order.cancelled && <span className="soft">{t("list.cancelled")}</span>}
        </>
      ),
    },
    {
      name: "units",
      title: t("list.units"),
      figures: true,
      of: (order) => (
        <>
          <Count value={sum(order, (line) => line.delivered)} /> /{" "}
          <Count value={sum(order, (line) => line.quantity)} />
        </>
      ),
    },
    {
      name: "total",
      title: t("list.total"),
      figures: true,
      of: (order) => <Money value={order.total} currency={order.currency} />,
    },
    {
      name: "accepted_at",
      title: t("list.accepted"),
      of: (order) => <Time at={order.accepted_at} />,
    },
    { name: "customer", title: t("list.customer"), of: (o) => o.customer_name, optional: true },
    {
      name: "source",
      title: t("list.source"),
      of: (order) => <Word of="source" value={order.source} />,
      optional: true,
    },
    {
      name: "waiting",
      title: t("list.waiting"),
      of: (order) => <Count value={sum(order, (line) => line.waiting)} />,
      figures: true,
      optional: true,
    },
    {
      name: "back",
      title: t("list.back"),
      of: (order) => <Money value={order.refunded_amount} currency={order.currency} />,
      figures: true,
      optional: true,
    },
    {
      name: "paid",
      title: t("list.paid"),
      of: (order) => <Time at={order.paid_at} />,
      optional: true,
    },
  ];
}
