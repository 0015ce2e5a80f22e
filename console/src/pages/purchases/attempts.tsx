import { useTranslation } from "react-i18next";
import { AttemptBought } from "@/forms/attempt-bought";
import { AttemptNotBought } from "@/forms/attempt-not-bought";
import { Badge } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Time } from "@/ui/time";
import { e4, formatCount } from "@/util/money";
import { AttemptActs } from "./attempt-acts";
import { Ranking } from "./ranking";
import type { Attempt, AttemptTold } from "./things";

type Opens = "bought" | "not_bought";

/** Each order that was made at a supplier, why it was made there, and what came of it. */
export function Attempts({
  told,
  shown,
  open,
}: {
  told: readonly AttemptTold[];
  shown: readonly Attempt[] | undefined;
  open: (what: Opens, of: string) => void;
}) {
  const { t } = useTranslation("purchases");
  if (told.length === 0) return <p className="soft">{t("one.no_attempts")}</p>;
  return (
    <div className="purchase-attempts">
      {told.map((attempt, place) => {
        const order = shown?.find((each) => each.id === attempt.id);
        return (
          <article key={attempt.id} className="purchase-attempt">
            <header className="line">
              <strong>
                {t("one.attempt", { place: place + 1, supplier: attempt.supplier_name })}
              </strong>
              <Badge of="attempt" value={attempt.state} />
              <span className="soft line-main">
                {attempt.state !== "succeeded" && attempt.words}
              </span>
              {order && <AttemptActs attempt={order} open={(what) => open(what, attempt.id)} />}
            </header>
            <One attempt={attempt} order={order} />
            {attempt.choice.ranking.length > 0 && (
              <details>
                <summary>{t("rank.why", { why: attempt.choice.words })}</summary>
                <Ranking choice={attempt.choice} />
              </details>
            )}
          </article>
        );
      })}
    </div>
  );
}

function One({ attempt, order }: { attempt: AttemptTold; order: Attempt | undefined }) {
  const { t } = useTranslation("purchases");
  const units = attempt.quantity * attempt.units;
  return (
    <Facts>
      <Fact name={t("doubt.number")}>
        <span className="code">{attempt.our_order}</span>
      </Fact>
      <Fact name={t("bought.their_number")}>
        {attempt.their_order && <span className="code">{attempt.their_order}</span>}
      </Fact>
      <Fact name={t("one.ordered")}>
        {t("one.ordered_of", { units: formatCount(units) })} ·{" "}
        <Money value={attempt.total} currency={attempt.currency} />
      </Fact>
      <Fact name={t("one.charged")}>
        {attempt.charged !== null && <Money value={attempt.charged} currency={attempt.currency} />}
      </Fact>
      <Fact name={t("one.refunded")}>
        {e4(attempt.refunded) > 0n && (
          <Money value={attempt.refunded} currency={attempt.currency} />
        )}
      </Fact>
      <Fact name={t("one.came")}>
        {attempt.received + attempt.turned_away > 0 && (
          <>
            {t("one.came_of", { received: formatCount(attempt.received) })}
            {attempt.turned_away > 0 && (
              <span className="alarm">
                {" · "}
                {t("one.away_of", { away: formatCount(attempt.turned_away) })}
              </span>
            )}
          </>
        )}
      </Fact>
      <Fact name={t("bought.receipt")}>{order?.receipt}</Fact>
      <Fact name={t("one.made_at")}>
        <Time at={attempt.made_at} exact />
        {attempt.ended_at && (
          <>
            {" → "}
            <Time at={attempt.ended_at} exact />
          </>
        )}
      </Fact>
      <Fact name={t("doubt.next")}>
        {order?.next_at && (
          <>
            <Time at={order.next_at} /> · {t("doubt.asked_times", { count: order.asks })}
          </>
        )}
      </Fact>
    </Facts>
  );
}

/** The forms of an order: that it was bought, or wasn't. */
export function AttemptForms({
  attempt,
  show,
  onClose,
}: {
  attempt: Attempt | undefined;
  show: string | undefined;
  onClose: () => void;
}) {
  if (attempt === undefined) return null;
  return (
    <>
      <AttemptBought attempt={attempt} open={show === "bought"} onClose={onClose} />
      <AttemptNotBought attempt={attempt} open={show === "not_bought"} onClose={onClose} />
    </>
  );
}
