import { e4, fromE4 } from "@/util/money";

/** A share of the server's, in parts per million, for the eye: 15455 → "1.5455%". */
export function share(ppm: number): string {
  return `${plain(ppm)}%`;
}

/** The same without its sign, as it is typed: 300000 → "30". A ten-thousandth of 1 % is one ppm. */
export function plain(ppm: number): string {
  return fromE4(BigInt(ppm)).replace(/\.?0+$/, "");
}

/** What was typed as percent, in parts per million: "0.5" → 5000. */
export function ppm(typed: string): number {
  return Number(e4(typed.trim()));
}

/** How much one amount is more or less than another, as text without sign: "2.00%". */
export function moveOf(before: string, after: string): string {
  const from = e4(before);
  if (from === 0n) return "";
  const by = e4(after) - from;
  const hundredths = ((by < 0n ? -by : by) * 10_000n) / (from < 0n ? -from : from);
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}%`;
}

/** One amount less another, as the server would write it. */
export function less(one: string, other: string): string {
  return fromE4(e4(one) - e4(other));
}

/** An amount as a point of a chart: drawn, never computed with. */
export function drawn(amount: string): number {
  return Number(e4(amount)) / 10_000;
}
