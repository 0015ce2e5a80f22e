/** Times: relative for the eye, absolute in the shop's zone when asked. */
import type { Language } from "@/words";

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const LOCALES: Readonly<Record<Language, string>> = { zh: "zh-CN", en: "en-GB" };

/** "3 hours ago"; null within half a minute of now. */
export function formatRelative(at: Date, now: Date, language: Language): string | null {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto" });
  for (const [unit, long] of STEPS) {
    if (Math.abs(seconds) >= long) return words.format(Math.trunc(seconds / long), unit);
  }
  return Math.abs(seconds) < 30 ? null : words.format(Math.trunc(seconds), "second");
}

/** "2026-11-23 14:05:09" in the zone, the same in both languages. */
export function formatExact(at: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return parts.format(at);
}

/** "2026-11-23": which day it is in the zone. */
export function dayIn(zone: string, at: Date = new Date()): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(at);
}

/** The last second of a day in the zone, as the server takes it. */
export function endOfDay(zone: string, day: string): string {
  const asUtc = new Date(`${day}T23:59:59Z`);
  const there = new Date(`${formatExact(asUtc, zone).replace(" ", "T")}Z`);
  return new Date(2 * asUtc.getTime() - there.getTime()).toISOString();
}

/** The moment at which the zone's clocks show "2026-11-23 14:05:09". */
export function instantIn(zone: string, wall: string): Date {
  const read = (written: string) => Date.parse(`${written.replace(" ", "T")}Z`);
  const wanted = read(wall);
  let moment = wanted;
  // Twice: the offset at the first guess may be that of the other side of a change of clocks.
  for (let tries = 0; tries < 2; tries += 1) {
    moment += wanted - read(formatExact(new Date(moment), zone));
  }
  return new Date(moment);
}
