import { theme } from "antd";
import { BarChart, LineChart } from "echarts/charts";
import { LegendComponent, MarkLineComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Chart } from "@/components/chart";
import { lengthOf, type Metric, type Point, writtenOf } from "./points";

echarts.use([BarChart, LineChart, MarkLineComponent, LegendComponent]);

interface Note {
  readonly on_day: string;
  readonly text: string;
}

/** Bars from zero; by hour yesterday's as a grey line; notes as lines on their day. */
export default function TrendChart({
  points,
  metric,
  currency,
  notes,
  label,
  height,
  size = 12,
  onPick,
}: {
  points: readonly Point[];
  metric: Metric;
  currency: string;
  notes: readonly Note[];
  label: string;
  height: number;
  size?: number;
  onPick: (point: Point) => void;
}) {
  const { t } = useTranslation("cockpit");
  const { token } = theme.useToken();
  const option = useMemo(() => {
    const written = size ? { fontSize: size, color: token.colorTextSecondary } : {};
    const hourly = points.some(({ before }) => before !== null);
    const unit = metric === "orders" || metric === "units" ? metric : "money";
    const compare = {
      name: t("trend.yesterday"),
      type: "line",
      data: points.map(({ before }) => lengthOf(before)),
      lineStyle: { color: token.colorTextTertiary, width: 1.5, type: "dashed" },
      itemStyle: { color: token.colorTextTertiary },
      symbol: "none",
    };
    const marked = markedOf(points, notes);
    return {
      grid: { left: 8, right: 12, top: hourly ? 34 : 30, bottom: 4, containLabel: true },
      legend: hourly
        ? { top: 0, right: 8, icon: "rect", itemWidth: 14, itemHeight: 4, textStyle: written }
        : { show: false },
      tooltip: {
        formatter: (told: { dataIndex: number }[]) =>
          tipOf(t, points[told[0]?.dataIndex ?? 0], currency, notes),
      },
      xAxis: {
        type: "category",
        data: points.map(({ key }) => (hourly ? key.slice(0, 2) : key.slice(5))),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: token.colorBorder } },
        axisLabel: written,
      },
      yAxis: {
        type: "value",
        min: (range: { min: number }) => Math.min(0, range.min),
        name: t(`trend.unit_${unit}`),
        nameTextStyle: { ...written, align: "right" },
        minInterval: unit === "money" ? 0.01 : 1,
        splitNumber: 4,
        axisLabel: written,
        splitLine: { lineStyle: { color: token.colorBorderSecondary } },
      },
      series: [
        {
          name: hourly ? t("trend.today") : t(`trend.${metric}`),
          type: "bar",
          data: points.map(({ value }) => lengthOf(value)),
          itemStyle: { color: token.colorPrimary, borderRadius: [2, 2, 0, 0] },
          barMaxWidth: 28,
          barCategoryGap: "35%",
          markLine: {
            silent: true,
            symbol: "none",
            lineStyle: { color: token.colorTextSecondary, type: "dotted" },
            label: { ...written, formatter: "{b}", position: "insideEndTop", rotate: 0 },
            data: marked,
          },
        },
        ...(hourly ? [compare] : []),
      ],
    };
  }, [points, metric, currency, notes, size, t, token]);
  return (
    <Chart
      option={option}
      label={label}
      height={height}
      onPick={({ dataIndex }) => {
        const point = points[dataIndex];
        if (point) onPick(point);
      }}
    />
  );
}

/** A line on each day somebody wrote about; the words are in the list and in the tip. */
function markedOf(points: readonly Point[], notes: readonly Note[]) {
  return points.flatMap((point, place) => {
    const here = notes.filter(({ on_day: day }) => isOf(day, point));
    return here.length > 0 ? [{ xAxis: place, name: "✎" }] : [];
  });
}

function isOf(day: string, point: Point): boolean {
  return day >= point.days.from && day <= point.days.to;
}

function tipOf(
  t: ReturnType<typeof useTranslation<"cockpit">>["t"],
  point: Point | undefined,
  currency: string,
  notes: readonly Note[],
): string {
  if (point === undefined) return "";
  const value = writtenOf(point.value, currency);
  const lines =
    point.before === null
      ? [point.key, value]
      : [
          point.key,
          `${t("trend.today")}  ${value}`,
          `${t("trend.yesterday")}  ${writtenOf(point.before, currency)}`,
        ];
  const said = notes.filter(({ on_day: day }) => isOf(day, point)).map(({ text }) => `✎ ${text}`);
  return [...lines, ...said].join("\n");
}
