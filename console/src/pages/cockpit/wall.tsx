import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useMay, useMe } from "@/api/me";
import { useDeskCounts } from "@/components/desk-mark";
import { paths } from "@/paths";
import { Figure } from "@/ui/figure";
import { useKeys } from "@/ui/keys";
import { Count } from "@/ui/money";
import { Failed } from "@/ui/problem";
import { useNow } from "@/ui/time";
import { useTitle } from "@/ui/title";
import { formatExact } from "@/util/time";
import type { useCockpit } from "./data";
import { Flow } from "./flow";
import { Pulse } from "./pulse";
import { Today } from "./today";
import { Trend } from "./trend";

const STALE_MS = 90_000; // then nobody should believe it is live
const RELOAD_MS = 60 * 60_000; // a new version of the program comes by itself

/** For a screen on the wall: no navigation, what matters in large figures; it needs no hand. */
export function Wall({ asked }: { asked: ReturnType<typeof useCockpit> }) {
  const { t } = useTranslation("cockpit");
  const { tenant } = useMe();
  const may = useMay();
  const navigate = useNavigate();
  const now = useNow();
  const tall = useHeight();
  const counts = useDeskCounts();
  useTitle(`${tenant.name} · ${t("title")}`);
  useReload(asked.isSuccess && !asked.isError);
  const leave = () => void navigate(paths.cockpit());
  useKeys({ Escape: leave });
  const cockpit = asked.data;
  const at = cockpit && formatExact(new Date(cockpit.at), tenant.timezone).slice(11);
  const stale = asked.dataUpdatedAt > 0 && now - asked.dataUpdatedAt > STALE_MS;
  const overdue = counts.data?.overdue ?? 0;
  return (
    <div className="wall">
      <header className="wall-head">
        <h1>{tenant.name}</h1>
        {stale && at ? (
          <span className="alarm" role="alert">
            {t("stale", { at })}
          </span>
        ) : (
          <span className="soft figures">{at && t("about", { at })}</span>
        )}
        <Button type="text" className="wall-leave" onClick={leave}>
          {t("leave_wall")}
        </Button>
      </header>
      <Failed of={[asked, counts]} />
      <div className="wall-top">
        <Today
          cockpit={cockpit}
          amounts={may("reports.read") ? MONEY : COUNTS}
          margin={false}
          places={0}
        />
        <Figure
          name={t("waits.title")}
          means={t("waits.means")}
          at={counts.dataUpdatedAt}
          alarm={overdue > 0}
          value={<Count value={counts.data?.total} />}
          note={overdue > 0 ? t("waits.overdue", { count: overdue }) : t("waits.total")}
          to={paths.desk()}
        />
      </div>
      <div className="wall-flow">
        <Flow cockpit={cockpit} height={Math.max(300, tall * 0.33)} size={20} />
        <Pulse cockpit={cockpit} />
      </div>
      <Trend height={Math.max(160, tall * 0.18)} size={18} />
    </div>
  );
}

const MONEY = ["orders", "revenue", "profit"] as const;
const COUNTS = ["orders", "units"] as const;

/** How high the screen is: the charts take what the figures leave. */
function useHeight(): number {
  const [height, setHeight] = useState(window.innerHeight);
  useEffect(() => {
    const turn = () => setHeight(window.innerHeight);
    window.addEventListener("resize", turn);
    return () => window.removeEventListener("resize", turn);
  }, []);
  return height;
}

/** Load the page anew each hour, while the server answers: else there would be nothing to show. */
function useReload(answers: boolean): void {
  useEffect(() => {
    if (!answers) return undefined;
    const left = RELOAD_MS - (performance.now() % RELOAD_MS);
    const reload = setTimeout(() => window.location.reload(), left);
    return () => clearTimeout(reload);
  }, [answers]);
}
