import { type ReactNode, useLayoutEffect, useRef } from "react";
import type { Column } from "./columns";

/**
 * A row where there is no room for columns beside each other: the first is its heading, each other
 * stands below with its name. What has nothing to say is left out.
 */
export function RowCard<Row>({
  row,
  columns,
  head,
}: {
  row: Row;
  columns: readonly Column<Row>[];
  /** The first column, as the list draws it. */
  head: ReactNode;
}) {
  return (
    <>
      <div className="row-head">{head}</div>
      <dl className="row-rest">
        {columns.slice(1).map((column) => (
          <Part key={column.name} name={column.title}>
            {column.of(row)}
          </Part>
        ))}
      </dl>
    </>
  );
}

const NOTHING: readonly string[] = ["", "—"];

function Part({ name, children }: { name: string; children: ReactNode }) {
  const part = useRef<HTMLDivElement>(null);
  // Only what was drawn tells whether a column has anything to say of this row.
  useLayoutEffect(() => {
    const value = part.current?.querySelector("dd");
    if (!part.current || !value) return;
    const drawn = value.querySelector("svg, img, input, [role=img]") !== null;
    part.current.hidden = !drawn && NOTHING.includes(value.textContent.trim());
  });
  return (
    <div ref={part} className="row-part">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
