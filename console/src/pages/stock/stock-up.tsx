import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ProblemNote } from "@/ui/problem";
import { formatMoney } from "@/util/money";

/** Whether to buy for some days at once or for each order, with what a card comes to either way. */
export function StockUp({ sku }: { sku: string }) {
  const { t } = useTranslation("stock");
  const asked = api.useQuery("get", "/v1/skus/{sku}/stock-up", { params: { path: { sku } } });
  const advice = asked.data;
  if (asked.isPending) return <Skeleton active title={false} paragraph={{ rows: 2 }} />;
  if (advice === undefined)
    return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  const said =
    advice.advice === "stock_up"
      ? t("sku.stock_up_advice.stock_up", {
          count: advice.best_days ?? 0,
          saves: formatMoney(advice.saves_in_all),
        })
      : t(
          advice.advice === "just_in_time"
            ? "sku.stock_up_advice.just_in_time"
            : "sku.stock_up_advice.none",
        );
  return (
    <div>
      <p>{said}</p>
      {advice.just_in_time && (
        <div className="line">
          <span className="line-name">{t("sku.stock_up_jit")}</span>
          <span className="line-main figures">
            {t("sku.stock_up_each", { total: formatMoney(advice.just_in_time.total) })}
          </span>
        </div>
      )}
      {advice.stock_up.map((way) => (
        <div key={way.days} className="line">
          <span className="line-name">{t("sku.stock_up_days", { count: way.days })}</span>
          <span className="line-main figures">
            {t("sku.stock_up_each", { total: formatMoney(way.total) })}{" "}
            <span className="soft">
              {advice.just_in_time && t("sku.stock_up_saves", { saves: formatMoney(way.saves) })}
            </span>
          </span>
        </div>
      ))}
    </div>
  );
}
