import type { ReactNode } from "react";

/** Nothing here yet: what would be here, and the first step to it. */
export function Empty({
  title,
  children,
  act,
}: {
  title: string;
  children?: ReactNode;
  act?: ReactNode;
}) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children && <span>{children}</span>}
      {act}
    </div>
  );
}
