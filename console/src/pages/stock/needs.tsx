import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "@/api/me";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { formatCount } from "@/util/money";
import type { SkuRow } from "./overview";

/** What wants to be looked at, each with what to do next. */
export function Needs({ row }: { row: SkuRow }) {
  const { t } = useTranslation("stock");
  return (
    <ul className="stock-needs" aria-label={t("sku.needs")}>
      {row.needs.map((need) => (
        <li key={need}>
          <Badge of="stock_need" value={need} />
          <span>
            <Said row={row} need={need} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Said({ row, need }: { row: SkuRow; need: SkuRow["needs"][number] }): ReactNode {
  const { t } = useTranslation("stock");
  const may = useMay();
  const sku = row.sku.id;
  const lots = (asked: Record<string, string>) => (
    <Link to={paths.lots({ sku, ...asked })}>{t("sku.see_lots")}</Link>
  );
  const buy = may("purchases.write") && (
    <Link to={paths.prices({ show: row.sku.code })}>{t("sku.to_purchase")}</Link>
  );
  switch (need) {
    case "out":
      return (
        <>
          {t("sku.out")} <span className="soft">{t("sku.out_next")}</span> {buy}
        </>
      );
    case "low":
      return (
        <>
          {row.low !== null && row.available <= row.low
            ? t("sku.low", { available: formatCount(row.available), low: row.low })
            : t("sku.low_place")}{" "}
          {row.enough !== null && (
            <span className="soft">{t("sku.low_next", { enough: row.enough })}</span>
          )}{" "}
          {buy}
        </>
      );
    case "expiring":
      return (
        <>
          {t("sku.expiring", {
            count: (row.by_expiry.within_7 ?? 0) + (row.by_expiry.within_30 ?? 0),
            day: row.next_expiry_on,
          })}{" "}
          <span className="soft">{t("sku.expiring_next")}</span>{" "}
          {lots({ expiry: "30", sort: "expiry" })}
        </>
      );
    case "expired":
      return (
        <>
          {t("sku.expired", { count: row.expired })}{" "}
          <span className="soft">{t("sku.expired_next")}</span> {lots({ expiry: "expired" })}
        </>
      );
    case "frozen":
      return (
        <>
          {row.frozen_why.map((why) => (
            <span key={why.reason}>
              {t("sku.frozen", { count: why.units, reason: why.reason, lots: why.lots })}{" "}
            </span>
          ))}
          <span className="soft">{t("sku.frozen_next")}</span> {lots({ state: "frozen" })}
        </>
      );
    case "slow":
      return (
        <>
          {t("sku.slow", { sold: formatCount(row.sold_30), held: formatCount(row.held) })}{" "}
          <span className="soft">{t("sku.slow_next")}</span>
        </>
      );
  }
}
