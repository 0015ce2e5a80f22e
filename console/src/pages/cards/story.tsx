import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import { Time } from "@/ui/time";

type Step = components["schemas"]["StoryStep"];

const ANSWERED = "order answered"; // the server's word: nobody looked, it left for the buyer

/** All that happened to a card, oldest first: what, who, why, for whom. */
export function Story({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className="card-story">
      {steps.map((step, place) => (
        // Two things may happen to a card in one moment.
        // biome-ignore lint/suspicious/noArrayIndexKey: its place is what it is
        <li key={place} data-kind={step.kind}>
          <strong>
            <What step={step} />
          </strong>
          <Why step={step} />
          <span className="soft">
            <Time at={step.at} exact />
            <By of={step.by} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function By({ of }: { of: string | null | undefined }) {
  const who = useWho();
  return of ? ` · ${who(of)}` : null;
}

/** What somebody is called: people and keys by their names, the program's own ways in words. */
export function useWho(): (by: string) => string {
  const { t } = useTranslation("cards");
  return (by) => (by === "cli" ? t("by_cli") : by === "system" ? t("by_system") : by);
}

function What({ step }: { step: Step }) {
  const { t } = useTranslation("cards");
  const { from, to } = step.facts as { from?: string; to?: string };
  const order = step.order && (
    <Link className="code" to={paths.order(step.order.id)}>
      {step.order.external_id}
    </Link>
  );
  switch (step.kind) {
    case "moved":
      if (from === to) return <>{t("step.moved_place")}</>;
      return (
        <>
          <Word of="card" value={from ?? ""} /> → <Word of="card" value={to ?? ""} />
        </>
      );
    case "allocated":
    case "released":
      return (
        <>
          {t(`step.${step.kind}`)} {order}
        </>
      );
    case "revealed":
      return <>{t(step.reason === ANSWERED ? "step.answered" : "step.revealed")}</>;
    default:
      return <>{t("step.received")}</>;
  }
}

/** Why it was so: what somebody said, or what decided for its lot. */
function Why({ step }: { step: Step }) {
  const { t } = useTranslation("cards");
  const { t: words } = useTranslation("strategies");
  if (step.reason === ANSWERED) return null;
  const facts = step.facts as {
    recipient?: string;
    strategy?: string;
    candidates?: number;
    decided_by?: string;
  };
  if (step.kind === "allocated" && facts.strategy) {
    const strategy =
      facts.strategy === "earliest_expiry" ? words("decided.earliest_expiry") : facts.strategy;
    const decided = words(`decided.${facts.decided_by ?? "only_one"}` as never);
    return (
      <span>
        {(facts.candidates ?? 1) < 2
          ? t("step.because_one", { strategy })
          : strategy === decided
            ? t("step.because_plain", { lots: facts.candidates, decided })
            : t("step.because", { strategy, lots: facts.candidates, decided })}
      </span>
    );
  }
  // Who saw it for themselves is named below already.
  const to = facts.recipient && !/^(staff|key):/.test(facts.recipient) ? facts.recipient : null;
  if (!step.reason && !to) return null;
  return (
    <span>
      {step.reason}
      {to && ` · ${t("step.to", { recipient: to })}`}
    </span>
  );
}
