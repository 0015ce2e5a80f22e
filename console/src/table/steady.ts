import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";

interface Kept {
  /** Which columns, in order. */
  readonly of: string;
  /** How wide the table could be. */
  readonly room: number;
  /** What each column's widest cell so far has wanted. */
  readonly wanted: readonly number[];
  readonly widths: readonly number[];
}

/**
 * How wide each column is, kept while rows come and go: a list that is live would shift sideways
 * with every longer name. They are measured again when something doesn't fit, and when the
 * columns or the room change. `null`: not measured yet. The first `narrow` columns take
 * no share of the room that is left.
 */
export function useSteadyWidths(
  box: RefObject<HTMLElement | null>,
  of: string,
  narrow: number,
): readonly number[] | null {
  const [kept, keep] = useState<Kept | null>(null);
  const measure = useCallback(() => {
    const table = box.current?.querySelector<HTMLTableElement>(
      ".ant-table-body > table, .ant-table-content > table",
    );
    const place = table?.parentElement;
    if (!table || !place || place.clientWidth === 0) return;
    const wanted = naturalWidths(table, place);
    const room = place.clientWidth;
    if (wanted.length > 0) keep((now) => settled(now, { of, room, wanted }, narrow));
  }, [box, of, narrow]);
  useLayoutEffect(measure); // whatever was drawn
  useEffect(() => {
    if (box.current === null) return;
    // Times tell themselves anew without anything being drawn by the list.
    const said = new MutationObserver(measure);
    const sized = new ResizeObserver(measure);
    said.observe(box.current, { characterData: true, subtree: true });
    sized.observe(box.current);
    return () => {
      said.disconnect();
      sized.disconnect();
    };
  }, [box, measure]);
  return kept?.of === of ? kept.widths : null;
}

/** What stands where everything still fits; else new widths, the room that is left shared out. */
function settled(now: Kept | null, seen: Omit<Kept, "widths">, narrow: number): Kept {
  const before = now?.of === seen.of && now.wanted.length === seen.wanted.length ? now : null;
  const fits = before?.widths.every((width, place) => (seen.wanted[place] ?? 0) <= width);
  if (before && before.room === seen.room && fits) return before;
  const wanted = seen.wanted.map((width, place) => Math.max(width, before?.wanted[place] ?? 0));
  const sumOf = (widths: readonly number[]) => widths.reduce((sum, width) => sum + width, 0);
  const fixed = sumOf(wanted.slice(0, narrow));
  const stretch = Math.max(1, (seen.room - fixed) / (sumOf(wanted) - fixed));
  const widths = wanted.map((width, place) =>
    place < narrow ? width : Math.floor(width * stretch),
  );
  return { ...seen, wanted, widths };
}

/** How wide each column would be for its widest cell alone; the table is left as it was. */
function naturalWidths(table: HTMLTableElement, place: HTMLElement): number[] {
  const columns = table.querySelector("colgroup");
  const drawn = table.style.cssText;
  const scrolled = place.scrollLeft;
  table.style.cssText = "width: max-content; min-width: 0; table-layout: auto";
  if (columns) columns.style.display = "none";
  const row = table.querySelector(":scope > tbody > .ant-table-row");
  const widths = [...(row?.children ?? [])].map((cell) =>
    Math.ceil(cell.getBoundingClientRect().width),
  );
  if (columns) columns.style.display = "";
  table.style.cssText = drawn;
  if (place.scrollLeft !== scrolled) place.scrollLeft = scrolled;
  return widths;
}
