import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { formatCount } from "@/util/money";

export const BUCKETS = ["expired", "within_7", "within_30", "within_60", "later", "none"] as const;

/** How much of what is held expires when: a bar whose parts are said in words beside and on hover. */
export function ExpiryBar({
  held,
  parts,
  next,
}: {
  held: number;
  parts: Readonly<Record<string, number>>;
  next: string | null;
}) {
  const { t } = useTranslation("stock");
  const { t: states } = useTranslation("states");
  if (held === 0) return <span className="soft">—</span>;
  const shown = BUCKETS.filter((bucket) => (parts[bucket] ?? 0) > 0);
  const said = shown.map(
    (bucket) => `${states(`expiry.${bucket}`)} ${formatCount(parts[bucket] ?? 0)}`,
  );
  const whole = t("overview.expiry_means", { held: formatCount(held), parts: said.join(" · ") });
  return (
    <Tooltip title={whole}>
      <span className="expiry">
        <span className="expiry-bar" role="img" aria-label={whole}>
          {shown.map((bucket) => (
            <span key={bucket} data-bucket={bucket} style={{ flexGrow: parts[bucket] ?? 0 }} />
          ))}
        </span>
        <span className="soft figures">
          {next ? t("overview.expiry_next", { day: next }) : said[0]}
        </span>
      </span>
    </Tooltip>
  );
}

/** What the colours of the bars mean. */
export function ExpiryLegend() {
  const { t: states } = useTranslation("states");
  return (
    <ul className="expiry-legend">
      {BUCKETS.map((bucket) => (
        <li key={bucket}>
          <span data-bucket={bucket} aria-hidden="true" />
          {states(`expiry.${bucket}`)}
        </li>
      ))}
    </ul>
  );
}
