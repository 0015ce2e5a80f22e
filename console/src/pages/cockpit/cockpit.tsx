import { DesktopOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useMay, useMe } from "@/api/me";
import { paths } from "@/paths";
import { oneOf, useUrl } from "@/table/url";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { formatExact } from "@/util/time";
import { useCockpit } from "./data";
import { Flow } from "./flow";
import { OF, Performance } from "./performance";
import { GRAINS, METRICS } from "./points";
import { Pulse } from "./pulse";
import { Sellers } from "./sellers";
import { Stock } from "./stock";
import { Today } from "./today";
import { Trend } from "./trend";
import { Waits } from "./waits";
import { Wall } from "./wall";
import "./cockpit.css";

const QUERY = {
  wall: oneOf("1"),
  by: oneOf(...GRAINS),
  metric: oneOf(...METRICS),
  flow: oneOf("chart", "table"),
  trend: oneOf("chart", "table"),
  of: oneOf(...OF),
};

/** The day at a glance: how it goes, where orders are stuck, what waits, what sells, what is tied up. */
export default function CockpitPage() {
  const { t } = useTranslation("cockpit");
  const [query, change] = useUrl(QUERY);
  const asked = useCockpit();
  const may = useMay();
  const { timezone } = useMe().tenant;
  const navigate = useNavigate();
  if (query.wall) return <Wall asked={asked} />;
  const cockpit = asked.data;
  return (
    <Page
      title={t("title")}
      about={
        cockpit && (
          <span className="figures">
            {t("about", { at: formatExact(new Date(cockpit.at), timezone) })}
          </span>
        )
      }
      acts={
        <Button
          icon={<DesktopOutlined />}
          className="wide-only"
          onClick={() => navigate(paths.cockpit({ wall: "1" }))}
        >
          {t("wall")}
        </Button>
      }
    >
      <div className="cockpit">
        <ProblemNote error={asked.error} again={() => void asked.refetch()} />
        <Today cockpit={cockpit} />
        <div className="cockpit-flow">
          <Flow
            cockpit={cockpit}
            shown={query.flow}
            onShow={(flow) => change({ flow: flow === "chart" ? null : flow })}
          />
          <div className="cockpit-side">
            <Pulse cockpit={cockpit} />
            <Waits />
          </div>
        </div>
        <Trend by={query.by} metric={query.metric} shown={query.trend} change={change} />
        <div className="cockpit-pair" data-alone={!may("reports.read")}>
          <Sellers />
          {may("reports.read") && (
            <Performance of={query.of ?? "store"} onChange={(of) => change({ of })} />
          )}
        </div>
        <Stock />
      </div>
    </Page>
  );
}
