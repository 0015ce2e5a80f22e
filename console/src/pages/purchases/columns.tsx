import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Badge, Word } from "@/ui/badge";
import { Money } from "@/ui/money";
import { Time, useNow } from "@/ui/time";
import { e4, formatCount, formatMoney } from "@/util/money";
import { type Purchase, useOrdersOfLines } from "./things";

/** What the list of purchases tells of each. */
export function useColumns(rows: readonly Purchase[] | undefined): Column<Purchase>[] {
  const { t } = useTranslation("purchases");
  const orders = useOrdersOfLines((rows ?? []).map((row) => row.subject_id));
  return [
    { name: "sku", title: t("list.sku"), of: (row) => row.sku_name },
    {
      name: "quantity",
      title: t("list.quantity"),
      of: (row) => `${formatCount(row.received)} / ${formatCount(row.quantity)}`,
      figures: true,
    },
    { name: "state", title: t("list.state"), of: (row) => <State purchase={row} /> },
    {
      name: "words",
      title: t("list.words"),
      of: (row) => <span className="purchase-words">{row.words}</span>,
    },
    { name: "supplier", title: t("list.supplier"), of: (row) => row.supplier_name ?? "—" },
    {
      name: "amount",
      title: t("list.amount"),
      of: (row) => <Amount purchase={row} />,
      figures: true,
    },
    {
      name: "cause",
      title: t("list.for_whom"),
      of: (row) => {
        const order = row.subject_id && orders.get(row.subject_id);
        return order ? (
          <Link to={paths.order(order.order_id)}>
            {t("list.for_order", { number: order.external_id })}
          </Link>
        ) : (
          <Word of="cause" value={row.cause} />
        );
      },
    },
    { name: "due", title: t("list.due"), of: (row) => <Due purchase={row} /> },
    {
      name: "created",
      title: t("list.created"),
      of: (row) => <Time at={row.created_at} />,
      optional: true,
    },
    { name: "who", title: t("list.who"), of: (row) => row.who, optional: true },
    {
      name: "approved_by",
      title: t("list.approved_by"),
      of: (row) => row.approved_by_name ?? "—",
      optional: true,
    },
    {
      name: "unit_cost_max",
      title: t("list.unit_cost_max"),
      of: (row) => <Money value={row.unit_cost_max} currency={row.currency} />,
      figures: true,
      optional: true,
    },
    {
      name: "warehouse",
      title: t("list.warehouse"),
      of: (row) => row.warehouse ?? "—",
      optional: true,
    },
    { name: "store", title: t("list.store"), of: (row) => row.store_name ?? "—", optional: true },
    {
      name: "customer",
      title: t("list.customer"),
      of: (row) => row.customer_name ?? "—",
      optional: true,
    },
  ];
}

/** How far it is; what is in doubt says so, whatever else it is. */
export function State({ purchase }: { purchase: Purchase }) {
  return purchase.unclear ? (
    <Badge of="attempt" value="unclear" />
  ) : (
    <Badge of="purchase" value={purchase.state} />
  );
}

/** What it cost; before that, what it may come to. */
function Amount({ purchase }: { purchase: Purchase }) {
  const { t } = useTranslation("purchases");
  if (e4(purchase.in_doubt) > 0n) {
    return (
      <span className="alarm figures">
        {t("list.doubtful", { amount: formatMoney(purchase.in_doubt, purchase.currency) })}
      </span>
    );
  }
  if (e4(purchase.cost) > 0n) return <Money value={purchase.cost} currency={purchase.currency} />;
  if (purchase.amount === null) return <span className="soft">—</span>;
  return (
    <span className="soft figures">
      {t("list.at_most", { amount: formatMoney(purchase.amount, purchase.currency) })}
    </span>
  );
}

/** Until when it should be here; late ones stand out. */
export function Due({ purchase }: { purchase: Purchase }) {
  const now = useNow();
  const late = purchase.due_at && !purchase.ended_at && Date.parse(purchase.due_at) < now;
  if (purchase.ended_at || !purchase.due_at) return <span className="soft">—</span>;
  return (
    <span className={late ? "alarm" : undefined}>
      <Time at={purchase.due_at} />
    </span>
  );
}
