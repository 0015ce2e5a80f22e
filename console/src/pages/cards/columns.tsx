import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Badge } from "@/ui/badge";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";
import type { Found } from "./cards";

type Card = Found["card"];

/** A card as anybody may see it. */
export function Masked({ card }: { card: Card }) {
  return <span className="code">•••• {card.tail}</span>;
}

/** Where it is in its life, and what else keeps it from being sold. */
export function StateOf({ card }: { card: Card }) {
  const { t } = useTranslation("cards");
  return (
    <span>
      <Badge of="card" value={card.state} />
      {card.frozen && card.state === "available" && <span className="soft"> {t("frozen")}</span>}
      {card.sold_elsewhere && <span className="soft"> {t("elsewhere")}</span>}
      {card.shared && <span className="soft"> {t("shared")}</span>}
    </span>
  );
}

export function useColumns(withBy: boolean): Column<Found>[] {
  const { t } = useTranslation("cards");
  const by: Column<Found> = {
    name: "by",
    title: t("by"),
    of: (row) => (row.by ? t(`bys.${row.by}`) : "—"),
  };
  return [
    { name: "card", title: t("card"), of: ({ card }) => <Masked card={card} /> },
    { name: "sku", title: t("sku"), of: ({ card }) => card.sku.name },
    { name: "state", title: t("state"), of: ({ card }) => <StateOf card={card} /> },
    {
      name: "order",
      title: t("order"),
      of: ({ order }) =>
        order ? (
          <Link className="code" to={paths.order(order.id)}>
            {order.external_id}
          </Link>
        ) : (
          <span className="soft">—</span>
        ),
    },
    ...(withBy ? [by] : []),
    { name: "seen", title: t("seen"), of: ({ card }) => <Time at={card.revealed_at} /> },
    {
      name: "expires",
      title: t("expires"),
      of: ({ card }) => card.expires_on ?? <span className="soft">{t("forever")}</span>,
    },
    { name: "place", title: t("place"), of: ({ card }) => card.warehouse.name },
    {
      name: "supplier",
      title: t("supplier"),
      of: ({ card }) => card.supplier.name,
      optional: true,
    },
    {
      name: "cost",
      title: t("cost"),
      of: ({ card }) => <Money value={card.unit_cost} />,
      figures: true,
      optional: true,
    },
  ];
}
