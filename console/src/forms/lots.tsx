import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { shortId } from "@/pages/stock/things";
import { formatCount } from "@/util/money";

export type Lot = components["schemas"]["LotOut"];

const NAMED = 5; // the others are counted

/** Which lots a form is about: what, where, from whom, and how many can be given. */
export function Lots({ lots }: { lots: readonly Lot[] }) {
  const { t } = useTranslation("stock");
  if (lots.length === 0) return null;
  return (
    <span className="about-lots">
      {lots.slice(0, NAMED).map((lot) => (
        <span key={lot.id}>
          <strong>{lot.sku.name}</strong> <span className="code">{shortId(lot.id)}</span>
          {" · "}
          {[
            lot.warehouse.name,
            lot.supplier.name,
            t("lot.can_give", { units: formatCount(lot.counts.available ?? 0) }),
            lot.expires_on ?? t("lots.forever"),
          ].join(" · ")}
        </span>
      ))}
      {lots.length > NAMED && <span>{t("lot.and_more", { count: lots.length - NAMED })}</span>}
    </span>
  );
}
