import type { components } from "@/api/schema";
import { addDays } from "@/pages/finance/spans";
import { e4, formatCount, formatMoney, fromE4 } from "@/util/money";
import { dayIn, formatExact } from "@/util/time";

type Curve = components["schemas"]["Curve"];
type Sales = components["schemas"]["SalesShape"];
export type Grain = components["schemas"]["Grain"];
export const GRAINS = ["hour", "day", "week"] as const satisfies readonly Grain[];
export const METRICS = ["orders", "units", "revenue", "profit"] as const;
export type Metric = (typeof METRICS)[number];

/** A bar: a step of time of today (by hour), or a day or week; `before`: the same of yesterday. */
export interface Point {
  readonly key: string; // "14:00", or the first day
  readonly days: { readonly from: string; readonly to: string };
  readonly value: Amount;
  readonly before: Amount | null;
}

/** A count, or money as text: what is drawn is a float of it, what is written isn't. */
export type Amount = number | string | null;

const BACK: Readonly<Record<Grain, number>> = { hour: 1, day: 29, week: 7 * 25 };

/** The days that are asked for: yesterday and today by hour, 30 days, 26 weeks from a Monday. */
export function spanOf(grain: Grain, today: string): { from: string; to: string } {
  const from = addDays(today, -BACK[grain]);
  return { from: grain === "week" ? mondayOf(from) : from, to: today };
}

function mondayOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}

/** Every step of the span, those without sales too: a gap is no sales, not no time. */
export function pointsOf(curve: Curve, metric: Metric, today: string, zone: string): Point[] {
  const nothing: Amount = metric === "orders" || metric === "units" ? 0 : "0.00";
  const told = new Map(curve.points.map((sales) => [keyOf(sales, curve.by, zone), sales[metric]]));
  const of = (key: string): Amount => (told.has(key) ? (told.get(key) ?? null) : nothing);
  if (curve.by === "hour") {
    const yesterday = addDays(today, -1);
    return HOURS.map((hour) => ({
      key: `${hour}:00`,
      days: { from: today, to: today },
      value: of(`${today} ${hour}`),
      before: of(`${yesterday} ${hour}`),
    }));
  }
  const { from, to } = spanOf(curve.by, today);
  const lasts = curve.by === "week" ? 7 : 1;
  const points: Point[] = [];
  for (let day = from; day <= to; day = addDays(day, lasts)) {
    const last = addDays(day, lasts - 1);
    points.push({
      key: day,
      days: { from: day, to: [last, to].toSorted()[0] ?? to },
      value: of(day),
      before: null,
    });
  }
  return points;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

function keyOf(sales: Sales, grain: Grain, zone: string): string {
  const begins = new Date(sales.begins_at);
  return grain === "hour" ? formatExact(begins, zone).slice(0, 13) : dayIn(zone, begins);
}

export function writtenOf(value: Amount, currency: string): string {
  if (value === null) return "—";
  return typeof value === "number" ? formatCount(value) : formatMoney(value, currency);
}

/** How long a bar is. */
export function lengthOf(value: Amount): number {
  return typeof value === "string" ? Number(value) : (value ?? 0);
}

export function totalOf(values: readonly Amount[], currency: string): string {
  if (values.some((value) => typeof value === "string")) {
    const sum = values.reduce<bigint>((all, value) => all + e4(String(value ?? "0")), 0n);
    return formatMoney(fromE4(sum), currency);
  }
  return formatCount(values.reduce<number>((all, value) => all + Number(value ?? 0), 0));
}
