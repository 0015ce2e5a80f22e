import { theme } from "antd";
import { useTranslation } from "react-i18next";
import type states from "@/words/states.zh";

type States = typeof states;
export type Kind = keyof States;
/** What a state means to the eye: going well, done and over, wanting attention, wrong. */
type Tone = "good" | "idle" | "busy" | "warn" | "alarm" | "plain";

// Only what isn't plain is named: colour means state, and each badge carries its word.
const TONES: { readonly [Each in Kind]?: { readonly [Value in keyof States[Each]]?: Tone } } = {
  sku: { active: "good", retired: "idle" },
  agent: { open: "good", suspended: "warn" },
  agent_good: { on: "good", off: "idle" },
  standing: {
    unknown: "idle",
    repeated: "idle",
    available: "good",
    frozen: "busy",
    reserved: "busy",
    allocated: "warn",
    revealed: "warn",
    redeemed: "warn",
    quarantined: "idle",
    void: "idle",
    returned: "idle",
    sold_elsewhere: "alarm",
  },
  import: { running: "busy", done: "good", failed: "alarm", undone: "idle" },
  store: { open: "good", closed: "idle" },
  mode: { stopped: "alarm", shadow: "busy", assisted: "busy", automatic: "good" },
  grant: { wanted: "warn", granted: "good", lost: "alarm" },
  step: {
    due: "busy",
    unmapped: "warn",
    held: "warn",
    shadowed: "busy",
    taken: "busy",
    sent: "busy",
    confirmed: "good",
    ended: "idle",
    trouble: "alarm",
  },
  refund_step: { due: "busy", settled: "good", trouble: "alarm" },
  footing: {
    open: "good",
    unread: "warn",
    trying: "busy",
    broken: "alarm",
    stopped: "idle",
    frozen: "alarm",
    locked_out: "alarm",
    not_connected: "idle",
  },
  offer: { live: "good", held: "warn", gone: "idle" },
  breaker: { closed: "good", half_open: "busy", open: "alarm" },
  placing: { taken: "good", unavailable: "alarm", unclear: "warn" },
  staff: { invited: "busy", active: "good", disabled: "idle" },
  key: { active: "good", expired: "idle", revoked: "idle" },
  webhook: { open: "good", failing: "alarm", disabled: "idle" },
  delivery: { due: "busy", delivered: "good", failed: "alarm" },
  card: {
    available: "good",
    reserved: "busy",
    redeemed: "idle",
    quarantined: "warn",
    void: "idle",
    returned: "idle",
  },
  lot: { open: "good", frozen: "warn" },
  stock_need: { out: "alarm", low: "alarm", expiring: "warn", expired: "warn", frozen: "warn" },
  reservation: { held: "busy", used: "good", released: "idle" },
  stocktake: { counted: "warn", posted: "good", dropped: "idle" },
  approval: { asked: "warn", approved: "good", refused: "idle", cancelled: "idle" },
  order: {
    filled: "good",
    partly_filled: "warn",
    short: "alarm",
    refused: "idle",
    refunded: "idle",
  },
  purchase: {
    draft: "idle",
    asked: "warn",
    wanted: "busy",
    placed: "busy",
    held: "warn",
    done: "good",
    part: "warn",
    ended: "idle",
    cancelled: "idle",
  },
  attempt: {
    sending: "busy",
    unclear: "alarm",
    processing: "busy",
    manual: "alarm",
    succeeded: "good",
    refused: "idle",
    failed: "idle",
    refunded: "idle",
  },
  movement: {
    asked: "warn",
    approved: "busy",
    paid: "busy",
    posted: "good",
    refused: "idle",
    cancelled: "idle",
  },
  resolution_state: { asked: "warn", done: "good" },
  balance_verdict: { agrees: "good", in_doubt: "warn", recoveries: "warn", differs: "alarm" },
};

/** A state in words, with a dot whose colour says the same. Keyed by the server's enum. */
export function Badge({ of, value }: { of: Kind; value: string }) {
  const { t } = useTranslation("states");
  const { token } = theme.useToken();
  const tones: Readonly<Record<string, Tone | undefined>> = TONES[of] ?? {};
  const tone = tones[value] ?? "plain";
  const colours: Record<Tone, string> = {
    good: token.colorSuccess,
    busy: token.colorInfo,
    warn: token.colorWarning,
    alarm: token.colorError,
    idle: token.colorTextTertiary,
    plain: token.colorTextTertiary,
  };
  return (
    <span className="badge" data-tone={tone} style={{ "--badge": colours[tone] } as object}>
      {t(`${of}.${value}` as never, { defaultValue: value })}
    </span>
  );
}

/** A word of the server's without a state's colour: a kind, a method, a channel. */
export function Word({ of, value }: { of: Kind; value: string }) {
  const { t } = useTranslation("states");
  return <>{t(`${of}.${value}` as never, { defaultValue: value })}</>;
}

/** Choices for a select: every value of a kind, in the reader's words. */
export function useChoices(of: Kind): { value: string; label: string }[] {
  const { t } = useTranslation("states");
  const words = t(of as never, { returnObjects: true }) as unknown as Record<string, string>;
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
