import { theme } from "antd";
import { SankeyChart } from "echarts/charts";
import * as echarts from "echarts/core";
import { useMemo } from "react";
import { Chart } from "@/components/chart";
import { formatCount } from "@/util/money";
import type { Flow, Node } from "./stages";

echarts.use([SankeyChart]);

/** The flow as a Sankey: width is orders; red is what a person must put right. */
export default function FlowChart({
  flow,
  nameOf,
  label,
  height,
  onPick,
  size = 13,
}: {
  flow: Flow;
  nameOf: (node: Node) => string;
  label: string;
  height: number;
  onPick: (node: Node) => void;
  size?: number;
}) {
  const { token } = theme.useToken();
  const option = useMemo(() => {
    const colourOf = (node: Node | undefined) =>
      node?.what.kind === "stuck" ? token.colorError : token.colorTextTertiary;
    const known = new Map(flow.nodes.map((node) => [node.id, node]));
    return {
      tooltip: { trigger: "item", formatter: tipOf(known, nameOf) },
      series: [
        {
          type: "sankey",
          left: 4,
          right: 176 * (size / 13),
          top: 8,
          bottom: 8,
          nodeWidth: 8,
          nodeGap: size * 1.6,
          layoutIterations: 0, // in the order given: nothing jumps when a number changes
          draggable: false,
          emphasis: { focus: "adjacency" },
          label: {
            color: token.colorText,
            fontSize: size,
            fontFamily: token.fontFamily,
            formatter: ({ name }: { name: string }) => {
              const node = known.get(name);
              return node ? `${nameOf(node)} ${formatCount(node.orders)}` : "";
            },
          },
          data: flow.nodes.map((node) => ({
            name: node.id,
            depth: node.depth,
            itemStyle: {
              color: node.id === "confirmed" ? token.colorPrimary : colourOf(node),
              borderWidth: 0,
            },
            ...(node.what.kind === "stuck"
              ? { label: { color: token.colorError, fontWeight: 600 } }
              : {}),
          })),
          links: flow.links.map(({ source, target, orders }) => ({
            source,
            target,
            value: orders,
            lineStyle: {
              color: colourOf(known.get(target)),
              opacity: known.get(target)?.what.kind === "stuck" ? 0.5 : 0.22,
              curveness: 0.5,
            },
          })),
        },
      ],
    };
  }, [flow, nameOf, size, token]);
  return (
    <Chart
      option={option}
      label={label}
      height={height}
      onPick={({ name }) => {
        // A band is named by both its ends: what it leads to is meant.
        const id = name.split(" > ").at(-1) ?? name;
        const node = flow.nodes.find((each) => each.id === id);
        if (node) onPick(node);
      }}
    />
  );
}

function tipOf(known: ReadonlyMap<string, Node>, nameOf: (node: Node) => string) {
  return (told: {
    dataType: string;
    name: string;
    value: number;
    data: { source?: string; target?: string };
  }) => {
    const written = (id: string | undefined) => {
      const node = known.get(id ?? "");
      return node ? nameOf(node) : "";
    };
    if (told.dataType !== "edge") return `${written(told.name)}  ${formatCount(told.value)}`;
    return `${written(told.data.source)} → ${written(told.data.target)}  ${formatCount(told.value)}`;
  };
}
