import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";

/** A figure that matters: its name, how much, what it means on hover, and its rows behind a link. */
export function Figure({
  name,
  value,
  note,
  means,
  alarm,
  to,
}: {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  /** Its definition, and when it was computed. */
  means?: string;
  alarm?: boolean;
  to?: string | null;
}) {
  const shown = (
    <>
      <span className="figure-name">{name}</span>
      <span className={alarm ? "figure-value alarm" : "figure-value"}>{value}</span>
      {note && <span className="soft">{note}</span>}
    </>
  );
  const box = to ? (
    <Link className="figure" to={to}>
      {shown}
    </Link>
  ) : (
    <div className="figure">{shown}</div>
  );
  return means ? <Tooltip title={means}>{box}</Tooltip> : box;
}
