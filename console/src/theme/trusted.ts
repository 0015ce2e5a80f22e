/**
 * What the content security policy asks of the parts we use. Imported before any of them.
 */

/** This page's nonce, without which no style sheet takes effect. */
export const NONCE =
  document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

interface Policies {
  createPolicy(name: string, rules: { createHTML: (text: string) => string | null }): unknown;
}

// Ant Design writes its style sheets through innerHTML, which Trusted Types guard. Text without a
// "<" can't become an element, so it is let through; anything else is refused by the browser.
const policies = (window as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy("default", { createHTML: (text) => (text.includes("<") ? null : text) });

// It takes our nonce, but three of its parts forget to pass it on (the lock on scrolling behind a
// drawer, the measure of scroll bars, the layer order), so each sheet gets it as it is made.
const make = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const made = make(name, options);
  if (made instanceof HTMLStyleElement) made.nonce = NONCE;
  return made;
}) as typeof document.createElement;
