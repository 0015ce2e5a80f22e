import { e4 } from "./money";

/** "0.2867" → "28.67%", in whole ten-thousandths. */
export function formatShare(part: string, { signed }: { signed?: boolean } = {}): string {
  const parts = e4(part);
  const size = String(parts < 0n ? -parts : parts).padStart(3, "0");
  const sign = parts < 0n ? "−" : signed ? "+" : "";
  return `${sign}${size.slice(0, -2)}.${size.slice(-2)}%`;
}

/** A part of a million: 987_654 → "98.77%". */
export function formatPpm(ppm: number): string {
  return `${(ppm / 10_000).toFixed(2)}%`;
}

/** How much more than then, to a tenth of a percent: "+11.8%"; null where then there was nothing. */
export function formatChange(now: bigint, then: bigint): string | null {
  if (then <= 0n) return null;
  const tenths = ((now - then) * 2_000n + then) / (2n * then); // rounded half up
  const size = String(tenths < 0n ? -tenths : tenths).padStart(2, "0");
  const sign = tenths < 0n ? "−" : tenths > 0n ? "+" : "±";
  return `${sign}${size.slice(0, -1)}.${size.slice(-1)}%`;
}
