import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { leadTo } from "@/leads";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import type { Whole } from "./things";

/** What came into stock, and what was turned away and why. */
export function Arrived({ whole: { lots, turned_away } }: { whole: Whole }) {
  const { t } = useTranslation("purchases");
  if (lots.length + turned_away.length === 0) return null;
  return (
    <Part title={t("came.title")}>
      {lots.map((lot) => {
        const to = leadTo("lot", { id: lot.lot_id });
        const said = t("came.lot", { cards: formatCount(lot.cards) });
        return (
          <div key={lot.lot_id} className="line">
            <span className="line-main">{to ? <Link to={to}>{said}</Link> : said}</span>
            <Money value={lot.cost} currency={lot.currency} />
            <Time at={lot.at} exact />
          </div>
        );
      })}
      {turned_away.length > 0 && (
        <>
          <h3>{t("came.away", { count: turned_away.length })}</h3>
          <p className="soft">{t("came.away_about")}</p>
          <table className="sums">
            <tbody>
              {turned_away.map((card) => (
                <tr key={`${card.attempt_id} ${card.place}`} className="sums-first">
                  <th scope="row">
                    {t("came.place", { place: card.place })}{" "}
                    {card.tail && <span className="code">…{card.tail}</span>}
                  </th>
                  <th scope="row">
                    {t(`rejected.${card.reason}` as never, { defaultValue: card.reason })}
                  </th>
                  <td>
                    <Money value={card.cost} currency={card.currency} />
                  </td>
                  <td className="soft">{card.settled_at ? t("came.settled") : t("came.open")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Part>
  );
}
