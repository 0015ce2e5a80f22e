import { Tooltip } from "antd";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMe } from "@/api/me";
import { formatExact } from "@/util/time";

/**
 * A figure that matters: its name, how much, what it means, and its rows behind a link. The
 * meaning is shown on hover and by keyboard, and read with the figure to who can't see it.
 */
export function Figure({
  name,
  value,
  note,
  means,
  at,
  alarm,
  to,
}: {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  /** Its definition. */
  means?: string;
  /** When it was computed. */
  at?: string | number | null | undefined;
  alarm?: boolean;
  to?: string | null;
}) {
  const { t } = useTranslation("shell");
  const { timezone } = useMe().tenant;
  const id = useId();
  const said = [means, at && t("figure.at", { at: formatExact(new Date(at), timezone) })]
    .filter(Boolean)
    .join(" ");
  const shown = (
    <>
      <span className="figure-name">{name}</span>
      <span className={alarm ? "figure-value alarm" : "figure-value"}>{value}</span>
      {note && <span className="soft">{note}</span>}
    </>
  );
  const told = said ? { "aria-describedby": id } : {};
  const box = to ? (
    <Link className="figure" to={to} {...told}>
      {shown}
    </Link>
  ) : (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is drawn otherwise
    <div className="figure" role="group" aria-label={name} tabIndex={said ? 0 : -1} {...told}>
      {shown}
    </div>
  );
  if (!said) return box;
  return (
    <div className="figure-place">
      <Tooltip title={said} trigger={["hover", "focus"]} classNames={{ root: "figure-means" }}>
        {box}
      </Tooltip>
      <span id={id} className="unseen">
        {said}
      </span>
    </div>
  );
}
