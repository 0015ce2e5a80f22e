import { theme } from "antd";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useMemo, useRef } from "react";

echarts.use([CanvasRenderer, GridComponent, TooltipComponent, AriaComponent]);

/**
 * A chart. The page registers the series it draws: `echarts.use([LineChart])` from
 * "echarts/charts". Axis units, zero baselines for bars; and say the numbers as text beside it.
 */
export function Chart({
  option,
  label,
  height = 220,
  onPick,
}: {
  option: echarts.EChartsCoreOption;
  /** What it shows, in a sentence, for those who can't see it. */
  label: string;
  height?: number;
  onPick?: (picked: { seriesName?: string; name: string; dataIndex: number }) => void;
}) {
  const { token } = theme.useToken();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts | null>(null);
  const picked = useRef(onPick);
  picked.current = onPick;
  const drawn = useMemo(
    () => ({
      backgroundColor: "transparent",
      animation: false,
      color: [token.colorPrimary, token.colorError, token.colorTextSecondary, token.colorWarning],
      textStyle: { color: token.colorTextSecondary, fontFamily: token.fontFamily },
      ...option,
      ...axesOf(option, token),
      tooltip: {
        trigger: "axis",
        confine: true,
        ...tipOf(token),
        ...(option.tooltip as object | undefined),
        // As text drawn on the canvas: as HTML it would go through innerHTML, which is refused.
        renderMode: "richText",
      },
    }),
    [option, token],
  );
  useEffect(() => {
    if (box.current === null) return undefined;
    const made = echarts.init(box.current, null, { renderer: "canvas" });
    chart.current = made;
    made.on("click", (event) => picked.current?.(event as never));
    const sized = new ResizeObserver(() => made.resize());
    sized.observe(box.current);
    return () => {
      sized.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(drawn, { notMerge: true });
  }, [drawn]);
  return <div ref={box} role="img" aria-label={label} style={{ height, minWidth: 0 }} />;
}

type Token = ReturnType<typeof theme.useToken>["token"];
type Axis = Readonly<Record<string, unknown>>;

/** Axes and legend in our colours: the library's own are made for white paper. What the page says wins. */
function axesOf(option: echarts.EChartsCoreOption, token: Token) {
  const themed = (axis: Axis): Axis => ({
    ...axis,
    nameTextStyle: { color: token.colorTextSecondary, ...part(axis.nameTextStyle) },
    axisLabel: { color: token.colorTextSecondary, ...part(axis.axisLabel) },
    axisLine: { lineStyle: { color: token.colorBorder }, ...part(axis.axisLine) },
    splitLine: { lineStyle: { color: token.colorBorderSecondary }, ...part(axis.splitLine) },
  });
  const both = ["xAxis", "yAxis"].flatMap((name) => {
    const axis = option[name] as Axis | Axis[] | undefined;
    if (axis === undefined) return [];
    return [[name, Array.isArray(axis) ? axis.map(themed) : themed(axis)]];
  });
  const legend = option.legend as Axis | undefined;
  const textStyle = { color: token.colorTextSecondary, ...part(legend?.textStyle) };
  return { ...Object.fromEntries(both), ...(legend ? { legend: { ...legend, textStyle } } : {}) };
}

function part(given: unknown): object {
  return typeof given === "object" && given !== null ? given : {};
}

function tipOf(token: Token) {
  return {
    backgroundColor: token.colorBgElevated,
    borderColor: token.colorBorderSecondary,
    textStyle: { color: token.colorText, fontSize: token.fontSizeSM },
  };
}
