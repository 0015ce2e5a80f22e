import { useTranslation } from "react-i18next";
import { compareMoney, formatMoney } from "@/util/money";
import { drawn } from "./reckon";

const WIDTH = 72;
const HEIGHT = 18;
const EDGE = 2;

/** Thirty days of a price as a small line in steps, with its lowest and highest said in words. */
export function Sparkline({
  days,
  currency,
}: {
  days: readonly (string | null)[];
  currency: string;
}) {
  const { t } = useTranslation("prices");
  const known = days.filter((day) => day !== null);
  const [low, high] = bounds(known);
  if (low === undefined || high === undefined) return <span className="spark" />;
  const said =
    low === high
      ? t("cell.trend_flat", { from: formatMoney(low, currency) })
      : t("cell.trend", { from: formatMoney(low, currency), to: formatMoney(high, currency) });
  const path = pathOf(days, drawn(low), drawn(high));
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={said}
    >
      <title>{said}</title>
      <path d={path.line} fill="none" stroke="currentColor" strokeWidth="1.5" />
      <circle cx={path.x} cy={path.y} r="2" fill="var(--ant-color-primary)" />
    </svg>
  );
}

function bounds(amounts: readonly string[]): [string | undefined, string | undefined] {
  const sorted = amounts.toSorted(compareMoney);
  return [sorted[0], sorted.at(-1)];
}

/** The line through each day's end: flat until the next price. A flat price is in the middle. */
function pathOf(days: readonly (string | null)[], low: number, high: number) {
  const step = (WIDTH - 2 * EDGE) / Math.max(days.length - 1, 1);
  let line = "";
  let x = EDGE;
  let y = HEIGHT / 2;
  for (const [place, day] of days.entries()) {
    if (day === null) continue;
    x = EDGE + place * step;
    const risen = high === low ? 0.5 : (drawn(day) - low) / (high - low);
    y = HEIGHT - EDGE - risen * (HEIGHT - 2 * EDGE);
    line += line === "" ? `M${x.toFixed(1)} ${y.toFixed(1)}` : `H${x.toFixed(1)}V${y.toFixed(1)}`;
  }
  return { line, x, y };
}
