import { Skeleton } from "antd";
import { lazy, Suspense, useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { useDeskCounts } from "@/components/desk-mark";
import { GROUPS } from "@/pages/desk/kinds";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Chosen, Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { formatCount } from "@/util/money";
import type { Cockpit } from "./data";
import { COURSE, type Flow as Drawn, flowOf, type Node } from "./stages";

const FlowChart = lazy(() => import("./flow-chart"));

/** Where platforms' orders are: stores → accepted → allocated → delivered → confirmed. */
export function Flow({
  cockpit,
  shown = "chart",
  onShow,
  height = 320,
  size = 13,
}: {
  cockpit: Cockpit | undefined;
  shown?: "chart" | "table" | undefined;
  onShow?: (shown: "chart" | "table") => void;
  height?: number;
  /** Of what is written in the picture. */
  size?: number;
}) {
  const { t } = useTranslation("cockpit");
  const navigate = useNavigate();
  const nameOf = useNames();
  const flow = flowOf(cockpit?.flow ?? []);
  const stages = COURSE.map((mark) => `${t(`flow.${mark}`)} ${flow.passed[mark]}`).join("，");
  return (
    <Part
      title={t("flow.title")}
      means={t("flow.means")}
      at={cockpit?.at}
      acts={
        onShow && (
          <Chosen
            label={t("flow.title")}
            value={shown}
            choices={(["chart", "table"] as const).map((value) => ({
              value,
              label: t(`flow.${value}`),
            }))}
            onChange={onShow}
          />
        )
      }
    >
      <div className="part-space" style={{ minHeight: height }}>
        {cockpit === undefined && <Skeleton active paragraph={{ rows: 7 }} title={false} />}
        {cockpit && flow.total === 0 && <Empty title={t("flow.none")}>{t("flow.none_hint")}</Empty>}
        {cockpit && flow.total > 0 && shown === "table" && <Numbers flow={flow} />}
        {cockpit && flow.total > 0 && shown === "chart" && (
          <>
            <div className="wide-only">
              <Suspense fallback={<div style={{ height }} />}>
                <FlowChart
                  flow={flow}
                  nameOf={nameOf}
                  label={t("flow.label", { stages })}
                  height={height}
                  size={size}
                  onPick={(node) => {
                    const to = rowsOf(node);
                    if (to) void navigate(to);
                  }}
                />
              </Suspense>
            </div>
            <div className="narrow-only">
              <Numbers flow={flow} />
            </div>
          </>
        )}
      </div>
      <StuckRows />
    </Part>
  );
}

/** The platform's orders that move on there by themselves. */
const STEPS = {
  told: "due",
  accepted: "taken",
  allocated: "taken",
  delivered: "sent",
  confirmed: "confirmed",
} as const;

/** The rows a part of the picture stands for, where there is a page of just these. */
function rowsOf(node: Node): string | null {
  if (node.what.kind === "stuck") return paths.desk({ kind: node.what.stuck });
  if (node.what.kind === "moving") return paths.shopOrders({ step: STEPS[node.what.mark] });
  if (node.what.kind === "store") return paths.orders({ store: node.what.code });
  return null;
}

function useNames(): (node: Node) => string {
  const { t } = useTranslation("cockpit");
  const { t: states } = useTranslation("states");
  return useCallback(
    ({ what }) => {
      if (what.kind === "store") return what.name;
      if (what.kind === "others") return t("flow.others", { count: what.count });
      if (what.kind === "stuck")
        return states(`matter.${what.stuck}` as never, { defaultValue: what.stuck });
      if (what.kind === "moving") {
        return t(`flow.moving_${what.mark as "told" | "accepted" | "allocated" | "delivered"}`);
      }
      return t(`flow.${what.kind === "mark" ? what.mark : what.reached}`);
    },
    [t, states],
  );
}

/** The same as text: what passed each stage, and what stays there. */
function Numbers({ flow }: { flow: Drawn }) {
  const { t } = useTranslation("cockpit");
  const nameOf = useNames();
  const stays = (place: number) =>
    flow.nodes.filter(({ depth, what }) => depth === place + 1 && what.kind !== "mark");
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{t("flow.stage")}</th>
          <th scope="col" className="figures">
            {t("flow.count")}
          </th>
        </tr>
      </thead>
      <tbody>
        {COURSE.flatMap((mark, place) => [
          <tr key={mark}>
            <th scope="row">{t(`flow.${mark}`)}</th>
            <td className="figures">{formatCount(flow.passed[mark])}</td>
          </tr>,
          ...stays(place).map((node) => {
            const to = rowsOf(node);
            return (
              <tr key={node.id} data-stuck={node.what.kind === "stuck"}>
                <td className="plain-inner">
                  {to ? <Link to={to}>{nameOf(node)}</Link> : nameOf(node)}
                </td>
                <td className="figures">{formatCount(node.orders)}</td>
              </tr>
            );
          }),
        ])}
      </tbody>
    </table>
  );
}

/** What of orders waits for a person: as many as the desk has rows of each kind. */
function StuckRows() {
  const { t } = useTranslation("cockpit");
  const asked = useDeskCounts();
  const counts = asked.data?.counts ?? [];
  const orders: readonly string[] = GROUPS.orders;
  const stuck = counts.filter(({ kind, count }) => orders.includes(kind) && count > 0);
  return (
    <div className="stuck" title={t("flow.stuck_means")}>
      <span className="soft">{t("flow.stuck")}</span>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.data && stuck.length === 0 && <span>{t("flow.stuck_none")}</span>}
      {stuck.map(({ kind, count, overdue }) => (
        <Link key={kind} to={paths.desk({ kind })} data-late={overdue > 0}>
          <Word of="matter" value={kind} /> <span className="figures">{formatCount(count)}</span>
        </Link>
      ))}
    </div>
  );
}
