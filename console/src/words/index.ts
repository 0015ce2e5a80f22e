import i18next, { type BackendModule, type ReadCallback } from "i18next";
import { initReactI18next } from "react-i18next";

export type Language = "zh" | "en";
type Words = { readonly default: Record<string, unknown> };

const KEPT = "kashu.language";
const files = import.meta.glob<Words>("./*.{zh,en}.ts");

/** Each namespace is a pair of files, fetched when a page needs it. */
const fromFiles: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(lng: string, namespace: string, done: ReadCallback) {
    const load = files[`./${namespace}.${lng}.ts`];
    if (load === undefined) {
      done(new Error(`no words ${namespace}.${lng}`), null);
      return;
    }
    load().then(
      (words) => done(null, words.default as Parameters<ReadCallback>[1]),
      (error: Error) => done(error, null),
    );
  },
};

function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The language in which the reader is spoken to, by the server too. */
export function language(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

/** Go on in another language, and begin in it the next time. */
export async function speak(next: Language): Promise<void> {
  localStorage.setItem(KEPT, next);
  await i18next.changeLanguage(next);
}

let frame: Promise<void> | undefined;

/** Fetch the words of the frame, once; those of a page come with the page. */
export function learnWords(): Promise<void> {
  frame ??= begin();
  return frame;
}

/**
 * Fetch the words of a page. Those of the frame first: what i18next is asked before it has begun
 * is lost, and words that come late hide a page that was shown, with what is typed into it.
 */
export async function learnWordsOf(names: readonly Namespace[]): Promise<void> {
  await learnWords();
  await i18next.loadNamespaces([...names]);
}

async function begin(): Promise<void> {
  i18next.on("languageChanged", (next) => {
    document.documentElement.lang = next;
  });
  await i18next
    .use(fromFiles)
    .use(initReactI18next)
    .init({
      lng: preferred(),
      fallbackLng: false,
      supportedLngs: ["zh", "en"],
      ns: ["shell", "states"],
      defaultNS: "shell",
      interpolation: { escapeValue: false }, // React escapes
      react: { useSuspense: true },
    });
}
