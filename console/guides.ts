import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";

const DOCS = join(import.meta.dirname, "../docs");
const MODULE = "virtual:guides/";
const CHINESE = ".zh-CN.md";
// A line break between two Chinese characters is a matter of the source; a browser makes it a space.
const WIDE = "[\\u2014\\u2018-\\u201d\\u2026\\u3000-\\u9fff\\uff00-\\uffef]";
const BROKEN = new RegExp(`(?<=${WIDE})\\n[ \\t]*(?=${WIDE})`, "g");

interface Guide {
  readonly name: string;
  readonly kind: "guide" | "concept";
  readonly language: "zh" | "en";
  readonly title: string;
  readonly text: string;
}

/** docs/guides and docs/concepts as two modules, one a language: help that needs no network. */
export function guides(): Plugin {
  return {
    name: "kashu-guides",
    resolveId: (id) => (id.startsWith(MODULE) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${MODULE}`)) return undefined;
      const chinese = id.endsWith("/zh");
      const found = [...read("guides", "guide", chinese), ...read("concepts", "concept", chinese)];
      for (const folder of ["guides", "concepts"]) this.addWatchFile(join(DOCS, folder));
      return `export default ${JSON.stringify(found)};`;
    },
  };
}

/** Each in Chinese where it is wanted and there is one, else in English. */
function read(folder: string, kind: Guide["kind"], chinese: boolean): Guide[] {
  const files = new Set(readdirSync(join(DOCS, folder)).filter((file) => file.endsWith(".md")));
  return [...files]
    .filter((file) => !file.endsWith(CHINESE))
    .sort()
    .map((file) => {
      const name = basename(file, ".md");
      const own = chinese && files.has(name + CHINESE);
      const source = readFileSync(join(DOCS, folder, own ? name + CHINESE : file), "utf8");
      const [, title = name, rest = ""] = /^# (.+)\n([\s\S]*)$/.exec(source) ?? [];
      return { name, kind, language: own ? "zh" : "en", title, text: tidied(rest) };
    });
}

/** Without the line that leads to the other language: the console has its own switch. */
function tidied(text: string): string {
  return text
    .replace(/^\[(中文|English)\]\([^)]*\)\n+/m, "")
    .split(/^(```[\s\S]*?^```$)/m)
    .map((part) => (part.startsWith("```") ? part : part.replace(BROKEN, "")))
    .join("")
    .trim();
}
