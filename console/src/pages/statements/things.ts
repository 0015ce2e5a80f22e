import { useCallback } from "react";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { e4, fromE4 } from "@/util/money";
import { dayIn } from "@/util/time";

export type Statement = components["schemas"]["StatementShown"];
export type Finding = components["schemas"]["FindingShown"];
export type Tally = Statement["tallies"][number];

/** How many findings there are in all, and how many of them wait for somebody. */
export function counted(tallies: readonly Tally[]): { total: number; open: number; asked: number } {
  const total = tallies.reduce((all, one) => all + one.total, 0);
  const settled = tallies.reduce((all, one) => all + one.settled, 0);
  const asked = tallies.reduce((all, one) => all + one.asked, 0);
  return { total, open: total - settled, asked };
}

/** Add up one amount of each kind. */
export function summed(tallies: readonly Tally[], name: "difference" | "open" | "posted"): string {
  return fromE4(tallies.reduce((all, one) => all + e4(one[name]), 0n));
}

/** The days a statement is of, the last one included. */
export function daysOf({ begins_at, ends_at }: Statement, zone: string): string {
  if (begins_at === null || ends_at === null) return "";
  const last = new Date(Date.parse(ends_at) - 1);
  return `${dayIn(zone, new Date(begins_at))} – ${dayIn(zone, last)}`;
}

/** Read again all that tells of statements, and of the money that settling them moves. */
export function useRefreshStatements(): () => Promise<void> {
  const refresh = useRefresh();
  return useCallback(
    () =>
      refresh(
        "/v1/statements",
        "/v1/statements/{statement_id}",
        "/v1/statements/{statement_id}/findings",
        "/v1/prepaid",
      ),
    [refresh],
  );
}
