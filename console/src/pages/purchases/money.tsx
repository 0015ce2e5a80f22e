import { useTranslation } from "react-i18next";
import { Money } from "@/ui/money";
import { e4 } from "@/util/money";
import type { Whole } from "./things";

const PARTS = ["in_doubt", "received", "used", "back", "asked_back"] as const;

/** Where the money is, by the books: what was sent is the sum of the rest. */
export function PurchaseMoney({ whole: { money } }: { whole: Whole }) {
  const { t } = useTranslation("purchases");
  if (e4(money.sent) === 0n) return <p className="soft">{t("money.none")}</p>;
  return (
    <>
      <table className="sums">
        <tbody>
          {PARTS.filter((part) => part === "in_doubt" || e4(money[part]) !== 0n).map((part) => (
            <tr key={part}>
              <th scope="row">{t(`money.${part}`)}</th>
              <td>
                <span
                  className={part === "in_doubt" && e4(money[part]) !== 0n ? "alarm" : undefined}
                >
                  <Money value={money[part]} />
                </span>
              </td>
            </tr>
          ))}
          <tr className="sums-net">
            <th scope="row">{t("money.sent")}</th>
            <td>
              <Money value={money.sent} />
            </td>
          </tr>
        </tbody>
      </table>
      <p className="soft">{t("money.about")}</p>
    </>
  );
}
