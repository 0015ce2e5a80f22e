import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { InDoubt } from "@/pages/cockpit/stock";
import { paths } from "@/paths";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { Kinds, Next, useMatters } from "./matters";

type Prepaid = components["schemas"]["PrepaidShown"];

const APPROVALS = [
  ["refund_to_approve", "plain"],
  ["purchase_to_approve", "plain"],
  ["movement_to_approve", "plain"],
  ["resolution_to_approve", "plain"],
  ["statement_finding", "plain"],
] as const;
const SHOWN = [
  "orders_to_approve",
  "refund_to_approve",
  "purchase_to_approve",
  "movement_to_approve",
  "resolution_to_approve",
  "statement_finding",
  "movement_to_finish",
  "money_in_doubt",
  "purchase_to_decide",
  "supplier_alert",
] as const;
const SOON_HOURS = 72;

/** Approvals that wait, money in doubt, what doesn't match, what runs out or expires. */
export function Finance() {
  const { t } = useTranslation("home");
  const matters = useMatters(SHOWN);
  return (
    <>
      <div className="figures-strip">
        <Kinds asked={matters} kinds={APPROVALS} />
        <InDoubt />
      </div>
      <div className="home-pair">
        <Next
          asked={matters}
          title={t("next.finance")}
          means={t("next.finance_means")}
          none={t("next.finance_none")}
          to={paths.desk({ group: "money" })}
        />
        <RunsOut />
      </div>
    </>
  );
}

/** Suppliers whose money runs out within days, and papers that expire. */
function RunsOut() {
  const { t } = useTranslation("home");
  const asked = api.useQuery("get", "/v1/prepaid");
  const suppliers = asked.data?.suppliers ?? [];
  const dry = suppliers
    .filter(({ hours_left: hours }) => hours !== null && hours <= SOON_HOURS)
    .toSorted((one, other) => (one.hours_left ?? 0) - (other.hours_left ?? 0));
  const papers = suppliers.flatMap((supplier) =>
    supplier.alerts
      .filter(({ kind }) => kind === "paper_expiring")
      .map((alert) => ({ supplier, alert })),
  );
  const none = asked.data && dry.length === 0 && papers.length === 0;
  return (
    <Part title={t("runs_out.title")} means={t("runs_out.means")} at={asked.dataUpdatedAt}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 4 }} title={false} />}
      {none && <p className="soft">{t("runs_out.none")}</p>}
      <ul className="waits">
        {dry.map((supplier) => (
          <li key={supplier.supplier}>
            <Name of={supplier} />
            <span className="spring" />
            <span className="figures">
              {t("runs_out.hours", { count: supplier.hours_left ?? 0 })}
            </span>
            <Money value={supplier.available} currency={supplier.currency} />
          </li>
        ))}
        {papers.map(({ supplier, alert }) => (
          <li key={alert.id}>
            <Name of={supplier} />
            <span className="spring" />
            <span>{t("runs_out.paper")}</span>
            <Time at={alert.raised_at} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Name({ of }: { of: Prepaid }) {
  return <Link to={paths.supplier(of.supplier)}>{of.name}</Link>;
}
