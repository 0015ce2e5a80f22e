/** Sizes and spans as people say them. */
import type { Language } from "@/words";

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** "12.4 MB": thousands, as disks are sold. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1_000 && unit < UNITS.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size.toFixed(unit > 1 && size < 100 ? 1 : 0)} ${UNITS[unit]}`;
}

const WORDS: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  zh: [" 秒", " 分钟", " 小时", " 天"],
  en: [" s", " min", " h", " d"],
};

/** "3 分钟", "2 h": the largest unit that has one. */
export function formatSpan(seconds: number, language: Language): string {
  const [s, min, h, d] = WORDS[language];
  if (seconds < 60) return `${Math.floor(seconds)}${s}`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${min}`;
  return seconds < 86_400
    ? `${Math.floor(seconds / 3_600)}${h}`
    : `${Math.floor(seconds / 86_400)}${d}`;
}
