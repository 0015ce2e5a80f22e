import { useTranslation } from "react-i18next";
import { Count } from "@/ui/money";
import { Part } from "@/ui/part";
import { Time } from "@/ui/time";

import type { Cockpit } from "./data";

const LEAST = 4; // one order in a minute isn't a tower
const RATE_FROM = 30; // in a minute; fewer a second say nothing

/** Orders of the last minute, a bar a second. */
export function Pulse({ cockpit }: { cockpit: Cockpit | undefined }) {
  const { t } = useTranslation("cockpit");
  const beats = cockpit?.beats ?? [];
  const most = Math.max(LEAST, ...beats);
  const count = cockpit?.orders_in_the_last_minute;
  return (
    <Part title={t("pulse.title")} means={t("pulse.means")} at={cockpit?.at}>
      <div className="pulse-now">
        <span className="figure-value">
          <Count value={count} />
        </span>
        <span className="soft">
          {t("pulse.minute")}
          {count !== undefined &&
            count >= RATE_FROM &&
            ` · ${t("pulse.rate", { rate: rateOf(count) })}`}
        </span>
      </div>
      <svg
        className="pulse"
        viewBox="0 0 60 20"
        preserveAspectRatio="none"
        role="img"
        aria-label={t("pulse.label", { count: count ?? 0 })}
      >
        {beats.map((beat, second) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its second
            key={second}
            x={second + 0.15}
            width={0.7}
            y={beat > 0 ? 20 - (beat / most) * 20 : 19.6}
            height={beat > 0 ? (beat / most) * 20 : 0.4}
            data-quiet={beat === 0}
          />
        ))}
      </svg>
      <div className="soft">
        {cockpit?.last_order_at ? (
          <>
            {t("pulse.last")} <Time at={cockpit.last_order_at} />
          </>
        ) : (
          cockpit && t("pulse.none")
        )}
      </div>
    </Part>
  );
}

function rateOf(count: number): string {
  return (count / 60).toFixed(count >= 600 ? 0 : 1);
}
