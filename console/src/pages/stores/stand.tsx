import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/paths";
import { Badge, Word } from "@/ui/badge";
import { Count } from "@/ui/money";
import { Time, useNow } from "@/ui/time";
import type { Health, Step, Store } from "./frame";

const LATE_MS = 5 * 60_000; // so long nothing was read: somebody should look
const ENDS_SOON_MS = 7 * 86_400_000;
const OPEN: readonly Step[] = ["due", "unmapped", "held", "taken", "sent", "trouble"];
const NEEDS_SOMEBODY: readonly Step[] = ["unmapped", "held", "trouble"];

/** How many of a store's orders aren't done, and how many of these need a person. */
export function waitingIn({ waiting }: Health): { open: number; people: number } {
  const sum = (steps: readonly Step[]) =>
    steps.reduce((total, step) => total + (waiting[step] ?? 0), 0);
  return { open: sum(OPEN), people: sum(NEEDS_SOMEBODY) };
}

/** Whether the platform lets us act, and until when. */
export function Grant({ health }: { health: Health }) {
  const { t } = useTranslation("stores");
  const now = useNow();
  const left = health.expires_at ? Date.parse(health.expires_at) - now : Number.POSITIVE_INFINITY;
  return (
    <span>
      <Badge of="grant" value={health.grant} />{" "}
      {health.grant === "granted" && health.expires_at && (
        <span className={left < ENDS_SOON_MS && !health.renews ? "alarm" : "soft"}>
          {health.renews ? t("stand.renews") : t("stand.until")}{" "}
          {!health.renews && <Time at={health.expires_at} />}
        </span>
      )}
    </span>
  );
}

/** How fresh what we know of its orders is, or why it isn't. */
export function Reading({ health }: { health: Health }) {
  const { t } = useTranslation("stores");
  const now = useNow();
  if (health.grant !== "granted") return <span className="soft">—</span>;
  if (health.failures > 0 || health.missed_from) {
    return (
      <span className="alarm">
        <Word of="said" value={health.said} />
        {health.failures > 1 && ` ×${health.failures}`}
      </span>
    );
  }
  if (health.read_until === null) {
    const told = health.pushed_at ?? health.ok_at;
    return told ? <Time at={told} /> : <span className="soft">{t("stand.told_us")}</span>;
  }
  const late = now - Date.parse(health.read_until) > LATE_MS;
  return (
    <span className={late ? "alarm" : ""}>
      <Time at={health.read_until} />
    </span>
  );
}

/** Orders that wait, those that need a person in front. */
export function Waiting({ store, health }: { store: Store; health: Health }) {
  const { t } = useTranslation("stores");
  const { open, people } = waitingIn(health);
  if (open === 0) return <Count value={0} />;
  return (
    <Link to={paths.shopOrders({ store: store.code })} className="figures">
      {people > 0 && <span className="alarm">{t("stand.people", { count: people })} / </span>}
      {open}
    </Link>
  );
}
