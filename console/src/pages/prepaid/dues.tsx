import { Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import type { Change } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { e4 } from "@/util/money";
import { dayIn } from "@/util/time";

/** What is owed to suppliers that are paid afterwards, day by day, the oldest first. */
export function Dues({ change }: { change: Change }) {
  const { t } = useTranslation("prepaid");
  const may = useMay();
  const today = dayIn(useMe().tenant.timezone);
  const asked = api.useQuery("get", "/v1/prepaid/dues");
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data === undefined) return <Skeleton active />;
  const owed = asked.data.suppliers;
  if (owed.length === 0) {
    return (
      <div className="list">
        <Empty title={t("dues.empty")}>{t("dues.empty_hint")}</Empty>
      </div>
    );
  }
  return (
    <div className="cards">
      {owed.map((each) => (
        <Part key={each.supplier} title={each.name}>
          <div className="line">
            <span className="line-main">
              {t("dues.terms", { count: each.settle_days })} · {t("payable")}{" "}
              <Money value={each.payable} currency={each.currency} />
              {e4(each.overdue) > 0n && (
                <span className="alarm">
                  {" · "}
                  {t("dues.overdue")} <Money value={each.overdue} currency={each.currency} />
                </span>
              )}
            </span>
            {may("prepaid.write") && (
              <Button
                size="small"
                onClick={() =>
                  change({
                    show: each.supplier,
                    form: "ask",
                    ask: "payment",
                    amount: e4(each.overdue) > 0n ? each.overdue : each.payable,
                  })
                }
              >
                {t("ask.payment")}
              </Button>
            )}
          </div>
          <table className="sums">
            <tbody>
              {each.open.map((due) => (
                <tr key={due.posted_on} className="sums-first">
                  <th scope="row">{t("dues.of", { day: due.posted_on })}</th>
                  <td className={due.due_on < today ? "alarm" : "soft"}>
                    {t(due.due_on < today ? "dues.late" : "dues.until", { day: due.due_on })}
                  </td>
                  <td>
                    <Money value={due.amount} currency={each.currency} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Part>
      ))}
    </div>
  );
}
