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
  staff: { invited: "busy", active: "good", disabled: "idle" },
  key: { active: "good", expired: "idle", revoked: "idle" },
  order: {
    filled: "good",
    partly_filled: "warn",
    short: "alarm",
    refused: "idle",
    refunded: "idle",
  },
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
