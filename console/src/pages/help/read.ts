import { use } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "@/words";

type Shelf = "daily" | "connect" | "concepts" | "develop";

const LOADS = {
  zh: () => import("virtual:guides/zh"),
  en: () => import("virtual:guides/en"),
} as const;
const read = new Map<Language, Promise<readonly ShippedGuide[]>>();

function guidesIn(language: Language): Promise<readonly ShippedGuide[]> {
  const known = read.get(language);
  if (known) return known;
  const loading = LOADS[language]().then((module) => module.default);
  loading.catch(() => read.delete(language)); // whoever asks again may have more luck
  read.set(language, loading);
  return loading;
}

/** All guides and concepts in the reader's language. Suspends while they come. */
export function useGuides(): readonly ShippedGuide[] {
  const { i18n } = useTranslation("shell");
  return use(guidesIn(i18n.language === "en" ? "en" : "zh"));
}

const FIRST = "first-steps";

/** Those of a shelf, by their titles; where one begins, first. */
export function onShelf(guides: readonly ShippedGuide[], shelf: Shelf): ShippedGuide[] {
  const rank = ({ name }: ShippedGuide) => (name === FIRST ? 0 : 1);
  return guides
    .filter((guide) => shelfOf(guide) === shelf)
    .sort((one, other) => rank(one) - rank(other) || one.title.localeCompare(other.title));
}

/** In the order in which they are listed. */
export const SHELVES: readonly Shelf[] = ["daily", "connect", "concepts", "develop"];

function shelfOf({ name, kind }: ShippedGuide): Shelf {
  if (kind === "concept") return "concepts";
  if (name.startsWith("connect-")) return "connect";
  return name.startsWith("add-a-") ? "develop" : "daily";
}

export interface Hit {
  readonly guide: ShippedGuide;
  /** The words around the first place where it was found; of the title's own, how it begins. */
  readonly excerpt: string;
}

const EXCERPT = 110; // characters

/** Those in which every word occurs; where the title has them, first. */
export function find(guides: readonly ShippedGuide[], asked: string): readonly Hit[] {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return guides
    .map((guide) => ({ guide, plain: plainOf(guide.text), title: guide.title.toLowerCase() }))
    .filter(({ title, plain }) => {
      const all = `${title}\n${plain.toLowerCase()}`;
      return words.every((word) => all.includes(word));
    })
    .sort((one, other) => inTitle(other.title, words) - inTitle(one.title, words))
    .map(({ guide, plain }) => ({ guide, excerpt: around(plain, words) }));
}

function inTitle(title: string, words: readonly string[]): number {
  return words.filter((word) => title.includes(word)).length;
}

function around(plain: string, words: readonly string[]): string {
  const lower = plain.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((place) => place >= 0);
  const from = Math.max(0, (places.length > 0 ? Math.min(...places) : 0) - EXCERPT / 4);
  const cut = plain.slice(from, from + EXCERPT).trim();
  return `${from > 0 ? "…" : ""}${cut}${from + EXCERPT < plain.length ? "…" : ""}`;
}

/** Markdown without its marks, in one line. */
function plainOf(text: string): string {
  return text
    .replace(/```\w*/g, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\|[\s|:-]+\|$/gm, "")
    .replace(/[`*#|]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
