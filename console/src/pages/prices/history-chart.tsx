import { Skeleton } from "antd";
import { LineChart, ScatterChart } from "echarts/charts";
import * as echarts from "echarts/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { Chart } from "@/components/chart";
import { Word } from "@/ui/badge";
import { Money } from "@/ui/money";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { compareMoney, formatMoney } from "@/util/money";
import { formatExact } from "@/util/time";
import { drawn } from "./reckon";

echarts.use([LineChart, ScatterChart]);

type Price = components["schemas"]["suppliers_api_offers_PriceShown"];

const CHANGES = 200;
const LATEST = 6;

/** How an offer's price moved: a line in steps, what was held beside it, the latest as text. */
export default function HistoryChart({ offer, currency }: { offer: string; currency: string }) {
  const { t } = useTranslation("prices");
  const asked = api.useQuery("get", "/v1/offers/{offer_id}/prices", {
    params: { path: { offer_id: offer }, query: { limit: CHANGES } },
  });
  const told = asked.data ?? [];
  const taken = told.filter((each) => each.held === null && each.price !== null);
  return (
    <section>
      <h2>{t("panel.history")}</h2>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} />}
      {asked.data && told.length === 0 && <p className="soft">{t("panel.no_history")}</p>}
      {taken.length > 1 && <Line told={told} taken={taken} currency={currency} />}
      {told.length > 0 && (
        <div className="scroll-x">
          <table className="price-offers">
            <caption className="unseen">{t("panel.latest")}</caption>
            <thead>
              <tr>
                <th>{t("panel.when")}</th>
                <th className="end">{t("panel.price")}</th>
                <th>{t("panel.how_told")}</th>
                <th>{t("panel.note")}</th>
              </tr>
            </thead>
            <tbody>
              {told.slice(0, LATEST).map((each) => (
                <tr key={`${each.at} ${each.price} ${each.held}`}>
                  <td>
                    <Time at={each.at} />
                  </td>
                  <td className="end">
                    <Money value={each.price} currency={currency} />
                  </td>
                  <td>
                    <Word of="told" value={each.told} />
                  </td>
                  <td>
                    <Note price={each} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Note({ price }: { price: Price }) {
  const { t } = useTranslation("prices");
  if (price.held) {
    return (
      <span className="alarm">
        {t("panel.history_held")} · <Word of="held" value={price.held} />
      </span>
    );
  }
  return price.in_stock && price.on_sale ? null : t("cell.sold_out");
}

function Line({
  told,
  taken,
  currency,
}: {
  told: readonly Price[];
  taken: readonly Price[];
  currency: string;
}) {
  const { t } = useTranslation("prices");
  const zone = useMe().tenant.timezone;
  const sorted = taken.map((each) => each.price ?? "0").toSorted(compareMoney);
  const name = t("panel.price");
  const held = t("panel.history_held");
  const option = useMemo(() => {
    const line = taken.toReversed().map((each) => [each.at, drawn(each.price ?? "0")]);
    const last = line.at(-1);
    if (last) line.push([new Date().toISOString(), last[1] ?? 0]);
    const refused = told
      .filter((each) => each.held !== null && each.price !== null)
      .map((each) => [each.at, drawn(each.price ?? "0")]);
    return {
      grid: { left: 56, right: 16, top: 12, bottom: 24 },
      xAxis: { type: "time", axisPointer: { label: { show: false } } },
      yAxis: { type: "value", scale: true, name: currency, splitNumber: 3 },
      tooltip: {
        formatter: (points: { value: [string, number]; seriesName: string }[]) =>
          points
            .map(
              ({ value, seriesName }) =>
                `${formatExact(new Date(value[0]), zone)}\n${seriesName} ${formatMoney(value[1].toFixed(4), currency)}`,
            )
            .join("\n"),
      },
      series: [
        { type: "line", name, step: "end", showSymbol: false, data: line },
        { type: "scatter", name: held, symbolSize: 8, data: refused },
      ],
    };
  }, [told, taken, currency, zone, name, held]);
  const said = {
    low: formatMoney(sorted[0] ?? "0", currency),
    high: formatMoney(sorted.at(-1) ?? "0", currency),
    now: formatMoney(taken[0]?.price ?? "0", currency),
  };
  return <Chart option={option} label={t("panel.history_label", said)} height={180} />;
}
