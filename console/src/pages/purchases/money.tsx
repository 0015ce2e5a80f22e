import { useTranslation } from "react-i18next";
import { Money } from "@/ui/money";
import { e4 } from "@/util/money";
import type { Whole } from "./things";

const PARTS = ["in_doubt", "received", "used", "back", "asked_back"] as const;

type Sums = Whole["money"];

/** Where the money is, by the books: in what it was paid with, and in ours where that is another. */
export function PurchaseMoney({ whole: { money, money_by_currency: paid } }: { whole: Whole }) {
  const { t } = useTranslation("purchases");
  const used = paid.filter((each) => e4(each.sent) !== 0n);
  if (used.length === 0) return <p className="soft">{t("money.none")}</p>;
  const foreign = used.some((each) => each.currency !== money.currency);
  return (
    <>
      {used.map((each) => (
        <Parts key={each.currency} money={each} />
      ))}
      {foreign && (
        <>
          <h3>{t("money.in_ours")}</h3>
          <Parts money={money} />
        </>
      )}
      <p className="soft">{t(foreign ? "money.about_foreign" : "money.about")}</p>
    </>
  );
}

/** The parts of what was sent, in one currency: their sum stands below them. */
function Parts({ money }: { money: Sums }) {
  const { t } = useTranslation("purchases");
  return (
    <table className="sums">
      <tbody>
        {PARTS.filter((part) => part === "in_doubt" || e4(money[part]) !== 0n).map((part) => (
          <tr key={part}>
            <th scope="row">{t(`money.${part}`)}</th>
            <td>
              <span className={part === "in_doubt" && e4(money[part]) !== 0n ? "alarm" : undefined}>
                <Money value={money[part]} currency={money.currency} />
              </span>
            </td>
          </tr>
        ))}
        <tr className="sums-net">
          <th scope="row">{t("money.sent")}</th>
          <td>
            <Money value={money.sent} currency={money.currency} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}
