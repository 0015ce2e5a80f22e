import type { ReactNode } from "react";

/** A part of a page, under a heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="order-part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
