import { Skeleton } from "antd";
import { BarChart, ScatterChart } from "echarts/charts";
import { LegendComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Chart } from "@/components/chart";
import { Figure } from "@/ui/figure";
import { Count } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { Share, type Supplier, Took } from "./shown";

echarts.use([BarChart, ScatterChart, LegendComponent]);

type Day = components["schemas"]["QualityDayShown"];

/** How a supplier did in thirty days: what came, how fast, how good, how steady its prices were. */
export function Quality({ supplier }: { supplier: Supplier }) {
  const { t } = useTranslation("suppliers");
  const asked = api.useQuery("get", "/v1/suppliers/{code}/quality", {
    params: { path: { code: supplier.code } },
  });
  const whole = asked.data?.whole;
  const days = asked.data?.days ?? [];
  const attempts = days.reduce((sum, day) => sum + day.attempts, 0);
  return (
    <Part title={t("quality.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} paragraph={{ rows: 5 }} />}
      {asked.data && !whole && <p className="soft">{t("quality.none")}</p>}
      {whole && (
        <div className="stack">
          <div className="figures-strip">
            <Figure name={t("quality.orders")} value={<Count value={whole.attempts} />} />
            <Figure
              name={t("quality.success")}
              means={t("quality.means.success")}
              value={<Share ppm={whole.success_ppm} />}
            />
            <Figure
              name={t("quality.p95")}
              means={t("quality.means.p95")}
              value={<Took ms={whole.p95_ms} />}
            />
            <Figure
              name={t("quality.invalid")}
              means={t("quality.means.invalid")}
              value={<Share ppm={whole.invalid_ppm} />}
            />
            <Figure
              name={t("quality.changes")}
              means={t("quality.means.changes")}
              value={<Count value={whole.price_changes} />}
            />
            <Figure
              name={t("quality.unclear")}
              means={t("quality.means.unclear")}
              value={<Count value={whole.unclear} />}
              alarm={whole.unclear > 0}
            />
          </div>
          {attempts > 0 && <Days days={days} />}
          <span className="soft">
            {t("quality.reckoned")} <Time at={whole.reckoned_at} />
          </span>
        </div>
      )}
    </Part>
  );
}

function Days({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation("suppliers");
  const [succeeded, failed, changes] = [
    t("quality.succeeded"),
    t("quality.failed"),
    t("quality.price_changes"),
  ];
  const option = useMemo(
    () => ({
      grid: { left: 40, right: 40, top: 32, bottom: 24 },
      legend: { top: 0, left: 0, icon: "roundRect" },
      xAxis: { type: "category", data: days.map((day) => day.day.slice(5)) },
      yAxis: [
        { type: "value", minInterval: 1, splitNumber: 3 },
        { type: "value", min: 0, minInterval: 1, splitNumber: 3, splitLine: { show: false } },
      ],
      series: [
        {
          type: "bar",
          name: succeeded,
          stack: "orders",
          data: days.map((day) => day.succeeded),
        },
        {
          type: "bar",
          name: failed,
          stack: "orders",
          data: days.map((day) => day.attempts - day.succeeded),
        },
        {
          type: "scatter",
          name: changes,
          yAxisIndex: 1,
          symbol: "diamond",
          symbolSize: 10,
          data: days.map((day) => (day.price_changes > 0 ? day.price_changes : null)),
        },
      ],
    }),
    [days, succeeded, failed, changes],
  );
  const sum = (of: (day: Day) => number) => days.reduce((total, day) => total + of(day), 0);
  const said = { attempts: sum((day) => day.attempts), succeeded: sum((day) => day.succeeded) };
  return <Chart option={option} label={t("quality.chart", said)} height={200} />;
}
