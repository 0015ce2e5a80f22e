import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { paths } from "@/paths";
import { Empty } from "@/ui/empty";
import { Count, Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { formatShare } from "@/util/share";

const DAYS = 7;
const MOST = 8;
const EVERY_MS = 300_000;
const FEW_DAYS = 3; // what lasts no longer is drawn as a warning

/** What sold best lately, and how long its stock lasts. */
export function Sellers() {
  const { t } = useTranslation("cockpit");
  const asked = api.useQuery(
    "get",
    "/v1/cockpit/best-sellers",
    { params: { query: { days: DAYS, limit: MOST } } },
    { refetchInterval: EVERY_MS },
  );
  const page = asked.data;
  const span = page && { from: page.since, to: page.until };
  const money = page?.rows[0]?.revenue !== null;
  return (
    <Part
      title={t("sellers.title")}
      means={`${t("sellers.means", { days: DAYS, count: MOST })} ${t("sellers.lasts_means")}`}
      at={asked.dataUpdatedAt}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
      {page?.rows.length === 0 && <Empty title={t("sellers.none", { days: DAYS })} />}
      {page && page.rows.length > 0 && (
        <div className="plain-scroll">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("sellers.sku")}</th>
                <th scope="col" className="figures">
                  {t("sellers.units")}
                </th>
                {money && (
                  <>
                    <th scope="col" className="figures">
                      {t("sellers.revenue")}
                    </th>
                    <th scope="col" className="figures wide-only-cell">
                      {t("sellers.margin")}
                    </th>
                  </>
                )}
                <th scope="col" className="figures">
                  {t("sellers.available")}
                </th>
                <th scope="col" className="figures">
                  {t("sellers.lasts")}
                </th>
              </tr>
            </thead>
            <tbody>
              {page.rows.map((row) => (
                <tr key={row.sku}>
                  <th scope="row">
                    <Link to={paths.orders({ sku: row.sku, ...span })}>{row.name}</Link>
                  </th>
                  <td className="figures">
                    <Count value={row.units} />
                  </td>
                  {money && (
                    <>
                      <td className="figures">
                        <Money value={row.revenue} currency={page.currency} places={2} />
                      </td>
                      <td className="figures wide-only-cell">
                        {row.margin ? formatShare(row.margin) : "—"}
                      </td>
                    </>
                  )}
                  <td className="figures">
                    <Count value={row.available} />
                  </td>
                  <td className="figures" data-few={isFew(row.stock_days)}>
                    {t("sellers.days", { days: row.stock_days })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Part>
  );
}

function isFew(days: string | null): boolean {
  return Number(days) <= FEW_DAYS;
}
