import { Tooltip } from "antd";
import { use, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { MeContext } from "@/api/me";
import { formatExact, formatRelative } from "@/util/time";
import { language } from "@/words";

const TICK_MS = 30_000;
const AHEAD_MS = 3_000; // clocks differ: less isn't in the future
let now = Date.now();

function tick(listener: () => void): () => void {
  const clock = setInterval(() => {
    now = Date.now();
    listener();
  }, TICK_MS);
  return () => clearInterval(clock);
}

/** What time it is, and again every half minute. */
export function useNow(): number {
  const ticked = useSyncExternalStore(tick, () => now);
  return Math.max(ticked, Date.now());
}

const KNOWN = new Set(Intl.supportedValuesOf("timeZone"));

/** In which zone moments are shown: the shop's, unless the reader chose another. */
export function useZone(): string {
  const me = use(MeContext);
  const own = me?.preferences?.timezone;
  return own && KNOWN.has(own) ? own : (me?.tenant.timezone ?? "Asia/Shanghai");
}

/** A moment: how long ago, and on hover when exactly, in the reader's zone. */
export function Time({ at, exact }: { at: string | null | undefined; exact?: boolean }) {
  const { t } = useTranslation("shell");
  const zone = useZone();
  const latest = new Date(useNow());
  if (!at) return <span className="soft">{t("time.never")}</span>;
  const moment = new Date(at);
  const written = formatExact(moment, zone);
  if (exact)
    return (
      <time className="figures" dateTime={at}>
        {written}
      </time>
    );
  return (
    <Tooltip title={`${written} ${zone}`}>
      <time className="figures" dateTime={at}>
        {formatRelative(moment, latest, language()) ??
          t(moment.getTime() - latest.getTime() > AHEAD_MS ? "time.soon" : "time.just_now")}
      </time>
    </Tooltip>
  );
}
