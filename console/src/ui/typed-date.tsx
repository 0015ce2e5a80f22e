import { type ReactNode, useRef } from "react";

/**
 * Around one of Ant's date fields: what was typed counts when the field is left. Ant's own waits for
 * Enter, and forgets what was typed when something else is clicked.
 */
export function TypedDate({
  onLeave,
  children,
}: {
  onLeave: (typed: string) => void;
  children: (forget: () => void) => ReactNode;
}) {
  const typed = useRef<string | null>(null);
  const forget = () => {
    typed.current = null;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to the field within
    <span
      style={{ display: "contents" }}
      onInput={({ target }) => {
        typed.current = (target as HTMLInputElement).value;
      }}
      onBlur={() => {
        const left = typed.current;
        forget();
        if (left !== null) onLeave(left);
      }}
    >
      {children(forget)}
    </span>
  );
}
