import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Count, Money } from "@/ui/money";
import { ProblemNote } from "@/ui/problem";
import { shortId } from "./things";

type Lot = components["schemas"]["SlowLotOut"];

/** Nothing was sold yet that it could be told from. */
const isUnknown = (lot: Lot) =>
  lot.gone_in_days === null && lot.unsold === 0 && lot.advice.length === 0;

/** When each lot of a SKU will be gone at its pace, what will be left over, what could be done. */
export function SlowLots({ skuId }: { skuId: string }) {
  const { t } = useTranslation("stock");
  const asked = api.useQuery("get", "/v1/stock/slow/{sku_id}", {
    params: { path: { sku_id: skuId } },
  });
  const lots = asked.data?.lots ?? [];
  return (
    <div className="plain-table">
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} />}
      {lots.length > 0 && (
        <table aria-label={t("sku.slow_label")}>
          <thead>
            <tr>
              <th>{t("lots.lot")}</th>
              <th className="figures">{t("lots.available")}</th>
              <th>{t("lots.expires")}</th>
              <th>{t("sku.gone")}</th>
              <th className="figures">{t("sku.unsold")}</th>
              <th>{t("sku.advice")}</th>
            </tr>
          </thead>
          <tbody>
            {lots.map((lot) => (
              <tr key={lot.lot_id}>
                <td>
                  <Link className="code" to={paths.lots({ show: lot.lot_id })}>
                    {shortId(lot.lot_id)}
                  </Link>
                </td>
                <td className="figures">
                  <Count value={lot.available} />
                </td>
                <td>{lot.expires_on ?? t("lots.forever")}</td>
                <td>
                  {lot.gone_in_days !== null
                    ? t("sku.gone_days", { count: lot.gone_in_days })
                    : t(isUnknown(lot) ? "sku.gone_unknown" : "sku.gone_never")}
                </td>
                <td className="figures">
                  <Count value={isUnknown(lot) ? null : lot.unsold} />{" "}
                  {lot.unsold > 0 && lot.unsold_cost !== null && (
                    <span className="soft">
                      (<Money value={lot.unsold_cost} currency={lot.currency} />)
                    </span>
                  )}
                </td>
                <td>
                  {lot.advice.map((each) => t(`sku.advices.${each}` as never)).join("、") || "—"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
