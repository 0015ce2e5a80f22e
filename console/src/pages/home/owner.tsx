import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCockpit } from "@/pages/cockpit/data";
import { Today } from "@/pages/cockpit/today";
import { Waits } from "@/pages/cockpit/waits";
import { paths } from "@/paths";
import { ProblemNote } from "@/ui/problem";
import { Next, useMatters } from "./matters";

/** How the day goes, and what waits for whom. */
export function Owner() {
  const { t } = useTranslation("home");
  const cockpit = useCockpit();
  const matters = useMatters();
  return (
    <>
      <ProblemNote error={cockpit.error} again={() => void cockpit.refetch()} />
      <div>
        <Today cockpit={cockpit.data} />
        <p className="home-more">
          <Link to={paths.cockpit()}>{t("to_cockpit")}</Link>
        </p>
      </div>
      <div className="home-pair">
        <Next
          asked={matters}
          title={t("next.title")}
          means={t("next.means")}
          none={t("next.none")}
          to={paths.desk()}
        />
        <Waits />
      </div>
    </>
  );
}
