import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import type { Column } from "@/table/columns";
import { Badge, Word } from "@/ui/badge";
import { Count, Money } from "@/ui/money";
import { Time } from "@/ui/time";
import { language } from "@/words";

export type Offer = components["schemas"]["OfferShown"];

/** What an offer stands for, by its SKU's name; null where it stands for nothing. */
export function skuName(offer: Pick<Offer, "sku_name_zh" | "sku_name_en">): string | null {
  return language() === "zh" ? offer.sku_name_zh : offer.sku_name_en;
}

export function useColumns(): Column<Offer>[] {
  const { t } = useTranslation("offers");
  return [
    {
      name: "title",
      title: t("columns.title"),
      of: (offer) => <span className="offer-title">{offer.title}</span>,
    },
    { name: "supplier", title: t("columns.supplier"), of: (offer) => offer.supplier_name },
    { name: "sku", title: t("columns.sku"), of: (offer) => <StandsFor offer={offer} /> },
    {
      name: "price",
      title: t("columns.price"),
      of: (offer) => <Money value={offer.price} currency={offer.currency} />,
      figures: true,
    },
    {
      name: "stock",
      title: t("columns.stock"),
      of: (offer) => <Stock offer={offer} />,
      figures: true,
    },
    {
      name: "state",
      title: t("columns.state"),
      of: (offer) => (
        <>
          <Badge of="offer" value={offer.state} />
          {offer.held && (
            <span className="price-why">
              {" "}
              <Word of="held" value={offer.held.because} />
            </span>
          )}
        </>
      ),
    },
    {
      name: "told",
      title: t("columns.told"),
      of: (offer) => (
        <>
          <Time at={offer.told_at} />
          {offer.stale && <span className="price-why"> {t("stale")}</span>}
        </>
      ),
    },
    {
      name: "ref",
      title: t("columns.ref"),
      of: (offer) => <span className="code">{offer.ref}</span>,
      optional: true,
    },
    {
      name: "goods",
      title: t("columns.goods"),
      of: (offer) => <Word of="goods" value={offer.goods} />,
      optional: true,
    },
    {
      name: "face",
      title: t("columns.face"),
      of: (offer) => <Money value={offer.face_value} currency={offer.currency} />,
      figures: true,
      optional: true,
    },
    {
      name: "how",
      title: t("columns.how"),
      of: (offer) => <Word of="told" value={offer.told} />,
      optional: true,
    },
    {
      name: "changed",
      title: t("columns.changed"),
      of: (offer) => <Time at={offer.changed_at} />,
      optional: true,
    },
  ];
}

export function StandsFor({ offer }: { offer: Offer }) {
  const { t } = useTranslation("offers");
  const name = skuName(offer);
  if (name === null) return <span className="price-why">{t("unmapped")}</span>;
  return (
    <>
      {name}{" "}
      {offer.units > 1 && <span className="figures">{t("units", { count: offer.units })}</span>}
    </>
  );
}

export function Stock({ offer }: { offer: Offer }) {
  const { t } = useTranslation("offers");
  if (!offer.on_sale) return <span className="price-why">{t("panel.off_sale")}</span>;
  if (!offer.in_stock || offer.stock === 0) {
    return <span className="price-why">{t("panel.none_in_stock")}</span>;
  }
  return offer.stock === null ? (
    <span className="soft">{t("panel.in_stock")}</span>
  ) : (
    <Count value={offer.stock} />
  );
}
