import type { ReactNode } from "react";
import { usePreferences } from "@/api/preferences";

/** A column: what it is called, and what it shows of a row. */
export interface Column<Row> {
  readonly name: string;
  readonly title: string;
  readonly of: (row: Row) => ReactNode;
  /** Amounts and counts: to the right, in tabular figures. */
  readonly figures?: boolean;
  readonly width?: number;
  /** Not shown until chosen: at most eight columns are shown by default. */
  readonly optional?: boolean;
  /** Can be sorted by, where the whole list is here. For lists in pages see `List`'s `sorts`. */
  readonly compare?: (one: Row, other: Row) => number;
}

/** Which columns somebody wants to see of a list, as they chose the last time, anywhere. */
export function useChosenColumns<Row>(
  list: string,
  columns: readonly Column<Row>[],
): { shown: readonly string[]; choose: (names: readonly string[] | null) => void } {
  const [{ columns: kept = {} }, keep] = usePreferences();
  const usual = columns.filter((column) => !column.optional).map((column) => column.name);
  const known = kept[list]?.filter((name) => columns.some((column) => column.name === name));
  const choose = (names: readonly string[] | null) =>
    keep((preferences) => {
      const { [list]: _, ...others } = preferences.columns ?? {};
      return { ...preferences, columns: names ? { ...others, [list]: [...names] } : others };
    });
  return { shown: known?.length ? known : usual, choose };
}
