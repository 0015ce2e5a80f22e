import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Money } from "@/ui/money";
import { ProblemNote } from "@/ui/problem";
import { shortId } from "./things";

type Asked = components["schemas"]["Preview"];
type Next = components["schemas"]["NextCardOut"];

interface Because {
  readonly decided_by?: string;
  readonly candidates?: number;
  readonly place?: number;
  readonly expires_on?: string | null;
  readonly unit_cost?: string;
}

/** In full; beside a form, where there is little room; or only how many of which lot. */
type How = "whole" | "draft" | "lots";

/** The cards that would be given next, in order, masked; asked anew with each other question. */
export function NextCards({ asked: body, how = "whole" }: { asked: Asked; how?: How }) {
  const { t } = useTranslation("strategies");
  const asked = api.useQuery(
    "post",
    "/v1/strategies/preview",
    { body },
    { staleTime: 0, gcTime: 0, refetchOnWindowFocus: "always" },
  );
  const told = asked.data;
  return (
    <>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} paragraph={{ rows: 4 }} />}
      {told && (
        <>
          {how !== "draft" && (
            <p className="soft">
              {told.strategy ? t("preview.by", { name: told.strategy }) : t("preview.by_default")}
            </p>
          )}
          {told.cards.length === 0 ? (
            <p>{t("preview.none")}</p>
          ) : (
            <Cards runs={how === "lots" ? runsOf(told.cards) : each(told.cards)} how={how} />
          )}
        </>
      )}
    </>
  );
}

/** A card, and how many after it are of the same lot. */
interface Run {
  readonly card: Next;
  readonly count: number;
}

function each(cards: readonly Next[]): Run[] {
  return cards.map((card) => ({ card, count: 1 }));
}

function runsOf(cards: readonly Next[]): Run[] {
  const runs: Run[] = [];
  for (const card of cards) {
    const last = runs.at(-1);
    if (last?.card.lot_id === card.lot_id)
      runs[runs.length - 1] = { card: last.card, count: last.count + 1 };
    else runs.push({ card, count: 1 });
  }
  return runs;
}

function Cards({ runs, how }: { runs: readonly Run[]; how: How }) {
  const { t } = useTranslation("strategies");
  const costs = runs.some(({ card }) => (card.because as Because).unit_cost !== undefined);
  return (
    <div className="plain-table">
      <table aria-label={t("preview.title")} data-testid="next-cards">
        <thead>
          <tr>
            <th>{how === "lots" ? t("preview.count") : t("preview.card")}</th>
            {how !== "draft" && <th>{t("preview.lot")}</th>}
            <th>{t("preview.warehouse")}</th>
            <th>{t("preview.supplier")}</th>
            <th>{t("preview.expires")}</th>
            {costs && <th className="figures">{t("preview.cost")}</th>}
            <th>{t("preview.because")}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ card, count }, place) => (
            // A shared card comes as often as it has uses.
            // biome-ignore lint/suspicious/noArrayIndexKey: its place is what it is
            <tr key={place} data-card={card.card_id}>
              <td className={how === "lots" ? "" : "code"}>
                {how === "lots" ? t("preview.cards", { count }) : `•••• ${card.tail}`}
              </td>
              {how !== "draft" && (
                <td>
                  <Link className="code" to={paths.lots({ show: card.lot_id })}>
                    {shortId(card.lot_id)}
                  </Link>
                </td>
              )}
              <td>{card.warehouse.name}</td>
              <td>{card.supplier.name}</td>
              <td>{(card.because as Because).expires_on ?? t("preview.forever")}</td>
              {costs && (
                <td className="figures">
                  <Money value={(card.because as Because).unit_cost} />
                </td>
              )}
              <td>
                <Why because={card.because as Because} short={how === "draft"} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Why({ because, short }: { because: Because; short: boolean }) {
  const { t } = useTranslation("strategies");
  const decided = t(`decided.${because.decided_by ?? "only_one"}` as never);
  if (short || (because.candidates ?? 1) < 2) return <>{decided}</>;
  return (
    <>{t("preview.because_many", { decided, count: because.candidates, place: because.place })}</>
  );
}
