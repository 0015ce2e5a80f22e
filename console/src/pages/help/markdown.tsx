import Markdown, { type MarkdownToJSX } from "markdown-to-jsx/react";
import type { ComponentProps } from "react";
import { Link } from "react-router";
import { paths } from "@/paths";

/** A guide's text as elements of React: no HTML is written, none of the text is taken for HTML. */
export function Guide({ text }: { text: string }) {
  return (
    <article className="guide">
      <Markdown options={OPTIONS}>{text}</Markdown>
    </article>
  );
}

const ANOTHER = /^(?:\.\.\/(?:guides|concepts)\/)?([\w-]+?)(?:\.zh-CN)?\.md(#.*)?$/;

/** A link to another guide leads to it here; what isn't shipped is only named. */
function GuideLink({ href = "", children }: ComponentProps<"a">) {
  if (href.startsWith("#")) return <a href={href}>{children}</a>;
  if (/^https?:/.test(href)) {
    return (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  }
  const [, name, anchor = ""] = ANOTHER.exec(href) ?? [];
  return name ? <Link to={paths.guide(name) + anchor}>{children}</Link> : <span>{children}</span>;
}

/** A table scrolls by itself; the page doesn't. */
function GuideTable({ children }: ComponentProps<"table">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className="guide-wide" tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}

function GuideCode({ children }: ComponentProps<"pre">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <pre className="guide-wide" tabIndex={0}>
      {children}
    </pre>
  );
}

/** As GitHub names them, so that the links of the documents hold. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\s-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
}

const OPTIONS: MarkdownToJSX.Options = {
  disableParsingRawHTML: true,
  forceBlock: true,
  slugify: slugOf,
  wrapper: null,
  overrides: { a: GuideLink, table: GuideTable, pre: GuideCode },
};
