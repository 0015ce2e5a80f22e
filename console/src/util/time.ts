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
