import { keepPreviousData } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { paths } from "@/paths";
import { Empty } from "@/ui/empty";
import { Chosen, Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { dayIn } from "@/util/time";
import { Notes } from "./notes";
import {
  GRAINS,
  type Grain,
  lengthOf,
  METRICS,
  type Metric,
  type Point,
  pointsOf,
  spanOf,
  totalOf,
  writtenOf,
} from "./points";

const TrendChart = lazy(() => import("./trend-chart"));
const EVERY_MS = 300_000; // it is added up every ten minutes

/** The curve of sales by hour, day or week, and notes on what explains it. */
export function Trend({
  by = "hour",
  metric: wanted,
  shown = "chart",
  change,
  height = 240,
  size = 12,
}: {
  by?: Grain | undefined;
  metric?: Metric | undefined;
  shown?: "chart" | "table" | undefined;
  change?: (patch: Readonly<Record<string, string>>) => void;
  height?: number;
  /** Of what is written in the picture. */
  size?: number;
}) {
  const { t } = useTranslation("cockpit");
  const { timezone } = useMe().tenant;
  const sees = useMay()("reports.read");
  const metrics = sees ? METRICS : (["orders", "units"] as const);
  const metric = metrics.find((each) => each === wanted) ?? (sees ? "revenue" : "orders");
  const today = dayIn(timezone);
  const asked = api.useQuery(
    "get",
    "/v1/cockpit/trend",
    { params: { query: { by, ...spanOf(by, today) } } },
    { placeholderData: keepPreviousData, refetchInterval: EVERY_MS },
  );
  // What is kept from before the choice changed is drawn as what it is.
  const curve = asked.data;
  const points = curve ? pointsOf(curve, metric, today, timezone) : [];
  return (
    <Part
      title={t("trend.title")}
      means={t("trend.means")}
      at={asked.dataUpdatedAt}
      acts={
        change && (
          <>
            <Choices
              name="metric"
              value={metric}
              values={metrics}
              onChange={(next) => change({ metric: next })}
            />
            <Choices
              name="by"
              value={by}
              values={GRAINS}
              onChange={(next) => change({ by: next })}
            />
            <Chosen
              label={t("trend.title")}
              value={shown}
              choices={(["chart", "table"] as const).map((value) => ({
                value,
                label: t(`trend.${value}`),
              }))}
              onChange={(next) => change({ trend: next })}
            />
          </>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <div className="trend">
        <div className="part-space" style={{ minHeight: height }}>
          {asked.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
          {curve && <Drawn {...{ curve, points, metric, shown, height, size }} />}
        </div>
        {change && curve && <Notes notes={curve.annotations} today={today} />}
      </div>
    </Part>
  );
}

function Choices<Value extends Grain | Metric>({
  name,
  value,
  values,
  onChange,
}: {
  name: "by" | "metric";
  value: Value;
  values: readonly Value[];
  onChange: (value: Value) => void;
}) {
  const { t } = useTranslation("cockpit");
  const choices = values.map((each) => ({ value: each, label: t(`trend.${each}`) }));
  return <Chosen label={t(`trend.${name}`)} value={value} choices={choices} onChange={onChange} />;
}

function Drawn({
  curve,
  points,
  metric,
  shown,
  height,
  size,
}: {
  curve: Parameters<typeof pointsOf>[0];
  points: readonly Point[];
  metric: Metric;
  shown: "chart" | "table";
  height: number;
  size: number;
}) {
  const { t } = useTranslation("cockpit");
  const navigate = useNavigate();
  const values = points.map(({ value }) => value);
  const all = [...values, ...points.map(({ before }) => before)];
  if (all.every((value) => lengthOf(value) === 0)) return <Empty title={t("trend.none")} />;
  if (shown === "table") return <Numbers {...{ points, metric, curve }} />;
  const label = t("trend.label", {
    metric: t(`trend.${metric}`),
    by: t(`trend.${curve.by}`),
    total: totalOf(values, curve.currency),
  });
  return (
    <Suspense fallback={<div style={{ height }} />}>
      <TrendChart
        points={points}
        metric={metric}
        currency={curve.currency}
        notes={curve.by === "hour" ? [] : curve.annotations}
        label={label}
        height={height}
        size={size}
        onPick={(point) => void navigate(paths.orders(point.days))}
      />
    </Suspense>
  );
}

function Numbers({
  points,
  metric,
  curve,
}: {
  points: readonly Point[];
  metric: Metric;
  curve: Parameters<typeof pointsOf>[0];
}) {
  const { t } = useTranslation("cockpit");
  const hourly = curve.by === "hour";
  const told = points.filter(
    ({ value, before }) => lengthOf(value) !== 0 || lengthOf(before) !== 0,
  );
  return (
    <div className="plain-scroll">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t("trend.moment")}</th>
            <th scope="col" className="figures">
              {hourly ? t("trend.today") : t(`trend.${metric}`)}
            </th>
            {hourly && (
              <th scope="col" className="figures">
                {t("trend.yesterday")}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {(hourly ? told : told.toReversed()).map((point) => (
            <tr key={point.key}>
              <th scope="row">
                <Link to={paths.orders(point.days)}>
                  {curve.by === "week" ? t("trend.week_of", { day: point.key }) : point.key}
                </Link>
              </th>
              <td className="figures">{writtenOf(point.value, curve.currency)}</td>
              {hourly && <td className="figures">{writtenOf(point.before, curve.currency)}</td>}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("flow.total")}</th>
            <td className="figures">
              {totalOf(
                points.map(({ value }) => value),
                curve.currency,
              )}
            </td>
            {hourly && (
              <td className="figures">
                {totalOf(
                  points.map(({ before }) => before),
                  curve.currency,
                )}
              </td>
            )}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
