import type { CardWarning, Recognised, RejectClass, Report } from "./send";

export type Tone = "good" | "look" | "double" | "wrong" | "idle";
export type ClassName = "accepted" | RejectClass | CardWarning;
type RowsOf = Report["classes"][string];

/** A kind of row: how many, and which. */
export interface Kind {
  readonly name: ClassName;
  readonly tone: Tone;
  readonly count: number;
  readonly rows: RowsOf | undefined;
  /** How its rows are asked for; none: they aren't asked for one by one. */
  readonly asked: { reason?: RejectClass; warning?: CardWarning };
}

const DOUBLE: ReadonlySet<string> = new Set([
  "duplicate_in_file",
  "duplicate_in_stock",
  "sold_elsewhere",
  "still_for_sale",
]);
const IDLE: ReadonlySet<string> = new Set(["blank", "heading", "totals"]);

export function toneOf(reason: string): Tone {
  if (IDLE.has(reason)) return "idle";
  return DOUBLE.has(reason) ? "double" : "wrong";
}

/** Every kind of row there is in a file: what comes in first, what was skipped last. */
export function kindsOf(report: Report): Kind[] {
  const kinds: Kind[] = [
    { name: "accepted", tone: "good", count: report.accepted, rows: undefined, asked: {} },
  ];
  for (const [name, rows] of Object.entries(report.warnings)) {
    const warning = name as CardWarning;
    kinds.push({ name: warning, tone: "look", count: rows.count, rows, asked: { warning } });
  }
  const classes = Object.entries(report.classes).toSorted(
    ([, one], [, other]) => other.count - one.count,
  );
  for (const tone of ["wrong", "double", "idle"] as const) {
    for (const [name, rows] of classes) {
      if (toneOf(name) !== tone) continue;
      const reason = name as RejectClass;
      kinds.push({ name: reason, tone, count: rows.count, rows, asked: { reason } });
    }
  }
  return kinds;
}

const RANGES_SHOWN = 6;

/** "3, 17–20, 25 …": which rows. */
export function rangesOf(rows: RowsOf, between: string): string {
  const shown = rows.ranges
    .slice(0, RANGES_SHOWN)
    .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const more = rows.ranges.length > RANGES_SHOWN || !rows.complete;
  return shown.join(between) + (more ? " …" : "");
}

/** What stands in each column: the role that was recognised, or the file's own name of it. */
export function rolesOf(recognised: Recognised): { role: string | undefined; name: string }[] {
  const { columns, names, kind, separator } = recognised;
  // The only column of a workbook is taken apart: its cells are shown as they are.
  if (kind.startsWith("xls") && separator !== null) return [];
  const width = Math.max(names.length, ...Object.values(columns).map((place) => place + 1));
  return Array.from({ length: width }, (_, place) => ({
    role: Object.keys(columns).find((role) => columns[role] === place),
    name: names[place] ?? "",
  }));
}
