import { type RefObject, useEffect, useRef } from "react";
import { keyOf, type Matter } from "./kinds";

/** Where the reader is in the queue: the row whose link has, or had, the focus. */
export interface Place {
  box: RefObject<HTMLDivElement | null>;
  at: () => Matter | undefined;
}

/**
 * Rows leave by themselves while somebody works through them: whoever was on one that left goes on
 * at the row that took its place, and nobody else's focus moves.
 */
export function useStay(rows: readonly Matter[], busy: boolean): Place {
  const box = useRef<HTMLDivElement>(null);
  const last = useRef<{ key: string; at: number } | null>(null);
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      const key =
        target instanceof Element && target.closest<HTMLElement>("[data-row-key]")?.dataset.rowKey;
      if (!key) return;
      last.current = { key, at: rows.findIndex((row) => keyOf(row) === key) };
    };
    const within = box.current;
    within?.addEventListener("focusin", note);
    return () => within?.removeEventListener("focusin", note);
  }, [rows]);
  useEffect(() => {
    const was = last.current;
    if (was === null || busy || rows.length === 0) return;
    const at = rows.findIndex((row) => keyOf(row) === was.key);
    if (at !== -1) {
      was.at = at;
      return;
    }
    const focused = document.activeElement;
    if (focused !== null && focused !== document.body) return;
    const links = box.current?.querySelectorAll<HTMLElement>("[data-row-link]");
    links?.[Math.min(Math.max(was.at, 0), links.length - 1)]?.focus();
  }, [rows, busy]);
  return {
    box,
    at: () => rows.find((row) => keyOf(row) === last.current?.key),
  };
}
