import type { ReactNode } from "react";

/** What is known of a thing: names and values under each other, each a `Fact`. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

/** One of them; left out where there is nothing to say. */
export function Fact({ name, children }: { name: string; children?: ReactNode }) {
  if (children === null || children === undefined || children === "" || children === false) {
    return null;
  }
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
