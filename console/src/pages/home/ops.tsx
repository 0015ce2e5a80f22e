import { useTranslation } from "react-i18next";
import { paths } from "@/paths";
import { Kinds, Next, useMatters } from "./matters";

const FIRST = [
  ["order_overdue", "alarm"],
  ["short_line", "alarm"],
  ["listing_unmapped", "alarm"],
  ["grant_lost", "alarm"],
  ["store_unreachable", "alarm"],
  ["stock_low", "plain"],
  ["stock_expiring", "plain"],
] as const;

/** The desk by deadline, what is short, stores in trouble, what expires. */
export function Ops() {
  const { t } = useTranslation("home");
  const matters = useMatters();
  return (
    <>
      <div className="figures-strip">
        <Kinds asked={matters} kinds={FIRST} />
      </div>
      <Next
        asked={matters}
        title={t("next.title")}
        means={t("next.means")}
        none={t("next.none")}
        to={paths.desk()}
      />
    </>
  );
}
