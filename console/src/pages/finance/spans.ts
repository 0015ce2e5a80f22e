/** Days of the shop's calendar, as text: "2026-11-23". */
const DAY_MS = 86_400_000;

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export interface Span {
  readonly from: string;
  readonly to: string;
}

/** Spans that are asked for most, by today. */
export function spansOf(today: string) {
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7; // Monday: 0
  const before = addDays(`${today.slice(0, 7)}-01`, -1);
  const yesterday = addDays(today, -1);
  return {
    yesterday: { from: yesterday, to: yesterday },
    today: { from: today, to: today },
    this_week: { from: addDays(today, -weekday), to: today },
    last_month: { from: `${before.slice(0, 7)}-01`, to: before },
  } as const satisfies Record<string, Span>;
}

/** A span whose end doesn't come before its beginning; where it would, it is the day just chosen. */
export function inOrder(from: string, to: string, chosen: string): Record<"from" | "to", string> {
  return from <= to ? { from, to } : { from: chosen, to: chosen };
}

/** The days of a row of the report within its span. */
export function daysOf(
  row: { day?: string | null; week?: string | null; month?: string | null },
  span: Span,
): Span {
  if (row.day) return { from: row.day, to: row.day };
  if (row.month) {
    const next = addDays(`${row.month}-28`, 4).slice(0, 7);
    return within({ from: `${row.month}-01`, to: addDays(`${next}-01`, -1) }, span);
  }
  if (row.week) {
    const [year = "", week = ""] = row.week.split("-W");
    const fourth = `${year}-01-04`; // is always in the first week
    const monday = addDays(fourth, -((new Date(fourth).getUTCDay() + 6) % 7));
    const first = addDays(monday, (Number(week) - 1) * 7);
    return within({ from: first, to: addDays(first, 6) }, span);
  }
  return span;
}

function within(one: Span, whole: Span): Span {
  const [, from = one.from] = [one.from, whole.from].sort();
  const [to = one.to] = [one.to, whole.to].sort();
  return { from, to };
}
