import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { share } from "@/pages/prices/reckon";
import { paths } from "@/paths";
import { Time } from "@/ui/time";

export type Supplier = components["schemas"]["SupplierAtAGlance"];

/** A share, or that nothing is known of it. */
export function Share({ ppm, none }: { ppm: number | null; none?: string }) {
  if (ppm === null) return <span className="soft">{none ?? "—"}</span>;
  return <span className="figures">{share(ppm)}</span>;
}

/** How long something took: in seconds, or minutes where that says more. */
export function Took({ ms }: { ms: number | null }) {
  const { t } = useTranslation("suppliers");
  if (ms === null) return <span className="soft">—</span>;
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 120) {
    return <span className="figures">{t("list.seconds", { count: seconds })}</span>;
  }
  return <span className="figures">{t("list.minutes", { count: Math.round(seconds / 60) })}</span>;
}

/** How many of its offers are mapped, wait for it, or are held; each leads to those. */
export function Offers({ of }: { of: Supplier }) {
  const { t } = useTranslation("suppliers");
  const at = { supplier: of.code };
  return (
    <span className="figures">
      <Link to={paths.offers({ ...at, mapped: "true" })}>
        {t("list.mapped", { count: of.mapped })}
      </Link>
      {of.unmapped > 0 && (
        <>
          {" · "}
          <Link to={paths.offers({ ...at, mapped: "false" })}>
            {t("list.unmapped", { count: of.unmapped })}
          </Link>
        </>
      )}
      {of.held > 0 && (
        <>
          {" · "}
          <Link to={paths.offers({ ...at, state: "held" })}>
            {t("list.held", { count: of.held })}
          </Link>
        </>
      )}
    </span>
  );
}

/** Papers that expire soon: how many, and the first one's day. */
export function PapersDue({ of }: { of: Supplier }) {
  const { t } = useTranslation("suppliers");
  if (of.papers_due === 0) return <span className="soft">—</span>;
  return (
    <span className="alarm">
      {t("list.papers_due", { count: of.papers_due })} {of.paper_expires_on}
    </span>
  );
}

/** As of when its prices are known. */
export function PricesAsOf({ of }: { of: Supplier }) {
  return <Time at={of.prices_ok_at} />;
}
