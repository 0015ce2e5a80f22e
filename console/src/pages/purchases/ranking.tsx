import { CheckCircleFilled } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Money } from "@/ui/money";
import { formatMoney } from "@/util/money";
import type { Choice } from "./things";

const PARTS = ["price", "fee", "rebate", "risk", "capital"] as const;

/** All offers that were looked at, the cheapest first: what one cost all told, and what barred it. */
export function Ranking({ choice }: { choice: Choice }) {
  const { t } = useTranslation("purchases");
  if (choice.ranking.length === 0) return <p className="soft">{choice.words || t("rank.none")}</p>;
  return (
    <div className="purchase-ranking">
      <table className="sums">
        <thead>
          <tr>
            <th scope="col">{t("list.supplier")}</th>
            <th scope="col" className="soft wide-only">
              {t("rank.parts")}
            </th>
            <th scope="col" className="figures rank-total">
              {t("rank.landed")}
            </th>
            <th scope="col">{t("rank.verdict")}</th>
          </tr>
        </thead>
        <tbody>
          {choice.ranking.map((offer) => (
            <tr key={`${offer.supplier} ${offer.ref}`} className="sums-first">
              <th scope="row">
                {offer.taken && <CheckCircleFilled className="rank-taken" />} {offer.supplier}
              </th>
              <td className="soft rank-parts figures wide-only">
                {PARTS.filter((part) => /[1-9]/.test(offer.landed[part] ?? ""))
                  .map((part) => `${t(`rank.${part}`)} ${formatMoney(offer.landed[part] ?? "")}`)
                  .join(" · ")}
              </td>
              <td>
                <Money value={offer.landed.total} />
              </td>
              <td className="rank-verdict">
                {offer.taken
                  ? choice.words
                  : offer.bars.map((bar) => bar.words).join(t("stop")) || t("rank.dearer")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {choice.ceiling && (
        <p className="soft figures">{t("rank.ceiling", { amount: formatMoney(choice.ceiling) })}</p>
      )}
    </div>
  );
}
