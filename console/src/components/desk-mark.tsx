import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { type Permission, useMay } from "@/api/me";
import { formatCount } from "@/util/money";

/** Who sees one kind of what waits. */
export const SEES_DESK = [
  "orders.read",
  "stock.read",
  "suppliers.read",
  "purchases.read",
  "prepaid.read",
  "reports.read",
] as const satisfies readonly Permission[];

const EVERY_MS = 30_000; // as the desk: what becomes late does so without anything happening

/** How many wait for a person, asked once for navigation, bell and tab. */
export function useDeskCounts() {
  const may = useMay();
  return api.useQuery(
    "get",
    "/v1/desk/counts",
    {},
    { enabled: may(SEES_DESK), refetchInterval: EVERY_MS },
  );
}

/** Beside the desk's name in the navigation: how many; vermilion where a deadline is near or over. */
export function DeskMark() {
  const { t } = useTranslation("shell");
  // Quiet: the bell says it on every page.
  const counts = useDeskCounts().data;
  if (counts === undefined || counts.total === 0) return null;
  const urgent = counts.overdue + counts.soon;
  return (
    <span
      className="mark figures"
      data-alarm={urgent > 0}
      title={
        urgent > 0
          ? t("desk.urgent", { count: urgent })
          : t("desk.waiting", { count: counts.total })
      }
    >
      {formatCount(counts.total)}
      {urgent > 0 && <span className="unseen">{t("desk.urgent", { count: urgent })}</span>}
    </span>
  );
}
