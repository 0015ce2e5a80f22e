import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";
import { compareMoney, formatCount, formatMoney } from "@/util/money";
import { language } from "@/words";
import { less, moveOf } from "./reckon";
import { Sparkline } from "./sparkline";

export type Prices = components["schemas"]["SkuPrices"];
export type Ranked = components["schemas"]["RankedShown"];
type Said = Ranked["reasons"][number];

/** A code of the server's in the reader's words. */
export function said({ zh, en }: Pick<Said, "zh" | "en">): string {
  return language() === "zh" ? zh : en;
}

export function nameOf({ name_zh, name_en }: Pick<Prices, "name_zh" | "name_en">): string {
  return language() === "zh" ? name_zh : name_en;
}

/** What a SKU costs at one supplier: the cost, how fresh, how many; what moved glows, and says so. */
export function SupplierCell({ offers, to }: { offers: readonly Ranked[]; to: string }) {
  const { t } = useTranslation("prices");
  const [offer, ...others] = offers;
  if (offer === undefined) return <span className="soft">—</span>;
  const best = offer.rank === 1 && offer.buyable;
  return (
    <Link
      to={to}
      className="price-cell"
      data-best={best}
      data-moved={offer.moved !== null}
      data-off={!offer.buyable}
    >
      <span className="price-line">
        {offer.landed ? <Money value={offer.landed.total} /> : <span className="soft">—</span>}
        {best && <span className="price-best">{t("cell.best")}</span>}
        <Sparkline days={offer.trend ?? []} currency={offer.currency} />
      </span>
      <span className="price-note">
        <State offer={offer} />
        {others.length > 0 && <> · {t("cell.more", { count: others.length })}</>}
      </span>
      <Move offer={offer} />
    </Link>
  );
}

function State({ offer }: { offer: Ranked }) {
  const why = offer.why_not[0];
  if (why) return <span className="price-why">{said(why)}</span>;
  return (
    <>
      <Time at={offer.seen_at} /> · <Stock offer={offer} />
    </>
  );
}

/** How many there are, where it is told in numbers. */
export function Stock({ offer }: { offer: Pick<Ranked, "stock"> }) {
  const { t } = useTranslation("prices");
  if (offer.stock === null || offer.stock === undefined) return <>{t("cell.no_number")}</>;
  return offer.stock > 0
    ? t("cell.stock", { count: formatCount(offer.stock) as never })
    : t("cell.sold_out");
}

/** A price that moved within the hour, in words: which way, by how much, when. */
export function Move({ offer }: { offer: Ranked }) {
  const { t } = useTranslation("prices");
  const { moved, price, currency } = offer;
  if (!moved || price === null) return null;
  const rose = compareMoney(price, moved.before) > 0;
  const percent = moveOf(moved.before, price);
  const change = {
    before: formatMoney(moved.before, currency),
    after: formatMoney(price, currency),
  };
  return (
    <span className="price-move" title={t("cell.moved_from", change)}>
      {rose ? "▲" : "▼"} {t(rose ? "cell.rose" : "cell.fell", { percent })} · <Time at={moved.at} />
    </span>
  );
}

/** The lowest cost of a SKU, who has it, and by how much it is the lowest. */
export function BestCell({ offers }: { offers: readonly Ranked[] }) {
  const { t } = useTranslation("prices");
  const [best, second] = offers.filter((offer) => offer.buyable);
  const total = best?.landed?.total;
  if (best === undefined || total === undefined) {
    return (
      <span className="price-cell" data-off>
        <span className="alarm">{t("cell.nobody")}</span>
        {offers[0]?.why_not[0] && <span className="price-note">{said(offers[0].why_not[0])}</span>}
      </span>
    );
  }
  return (
    <span className="price-cell">
      <span className="price-line">
        <strong>
          <Money value={total} />
        </strong>
        <span>{best.supplier_name}</span>
      </span>
      <span className="price-note">{whyBest(total, second)}</span>
    </span>
  );

  function whyBest(lowest: string, next: Ranked | undefined): string {
    if (next?.landed === undefined || next.landed === null) return t("cell.only");
    const name = next.supplier_name;
    const by = less(next.landed.total, lowest);
    return compareMoney(by, "0") === 0
      ? t("cell.level_with", { name })
      : t("cell.cheaper_than", { name, amount: formatMoney(by) });
  }
}
