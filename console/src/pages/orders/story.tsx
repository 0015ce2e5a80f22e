import { Skeleton, Timeline } from "antd";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import type { Order } from "./list";

type Happening = components["schemas"]["Happening"];
type Told = Readonly<Record<string, unknown>>;

const ALARMING = /trouble|failed|unclear|refused|overdue|short$/;

/** What happened to the order, oldest first: who paid, which lot and why, who saw it, who said what. */
export function Story({ id, order }: { id: string; order: Order }) {
  const asked = api.useQuery("get", "/v1/orders/{order_id}/timeline", {
    params: { path: { order_id: id } },
  });
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data === undefined) return <Skeleton active />;
  return (
    <Timeline
      items={asked.data.events.map((event, place) => ({
        key: `${event.at} ${event.kind} ${place}`,
        color: ALARMING.test(event.kind) ? "red" : "green",
        content: <Step event={event} order={order} />,
      }))}
    />
  );
}

function Step({ event, order }: { event: Happening; order: Order }) {
  const { t } = useTranslation("orders");
  const told = (event.facts ?? {}) as Told;
  const who = event.who ?? t(`happened.${event.actor}` as never, { defaultValue: event.actor });
  return (
    <div data-kind={event.kind}>
      <strong>{useHeading(event, told, order)}</strong>
      {event.kind === "cards.given" && <Why told={told} order={order} />}
      {Array.isArray(told.lines) && <Counts lines={told.lines as Told[]} />}
      <div className="soft">
        <Time at={event.at} exact />
        {event.kind !== "order.paid" && ` · ${who}`}
      </div>
    </div>
  );
}

function useHeading(event: Happening, told: Told, order: Order): string {
  const { t } = useTranslation("orders");
  const of = (name: string) => String(told[name] ?? "");
  const money = (name: string) => formatMoney(of(name), order.currency);
  switch (event.kind) {
    case "order.paid": {
      const who = told.buyer
        ? t("happened.paid_by_buyer", { buyer: of("buyer") })
        : told.customer
          ? t("happened.paid_by_customer", { customer: of("customer") })
          : t("happened.paid_by_nobody");
      const paid = t("happened.paid", { who, amount: money("amount") });
      return told.store ? `${paid} · ${t("happened.paid_at", { store: of("store") })}` : paid;
    }
    case "cards.given": {
      const line = order.lines.length > 1 ? t("happened.given_line", { line: of("line") }) : "";
      const from = { supplier: of("supplier"), warehouse: of("warehouse") };
      return line + t("happened.given", { ...from, count: Number(told.count) });
    }
    case "cards.taken_back":
      return t("happened.taken_back", {
        because: because(of("because"), t),
        count: Number(told.count),
      });
    case "cards.seen":
      if (told.reason === "order answered")
        return t("happened.answered", { count: Number(told.count) });
      return t("happened.seen", {
        count: Number(told.count),
        recipient: of("recipient"),
        reason: of("reason"),
      });
    case "order.cancelled":
      return t("happened.cancelled", { amount: money("amount") });
    case "order.refunded":
      return t("happened.refunded", { amount: money("amount"), refund: of("refund") });
    default:
      // A dot would be read as a path into the words.
      return t(`kinds.${event.kind.replace(".", "|")}` as never, { defaultValue: event.kind });
  }
}

/** Why this lot and not another: how many could serve, what decided, what would have been next. */
function Why({ told, order }: { told: Told; order: Order }) {
  const { t } = useTranslation("orders");
  const of = (name: string) => String(told[name] ?? "");
  const money = (name: string) => formatMoney(of(name), order.currency);
  const said = (strategy: string) =>
    t(`decided.${strategy}` as never, { defaultValue: strategy }) as string;
  const why = told.reserved
    ? t("happened.why_reserved")
    : told.decided_by === "only_one" && told.candidates === 1
      ? t("happened.why_only")
      : said(of("strategy")) === said(of("decided_by"))
        ? t("happened.why_plain", { count: Number(told.candidates), decided: said(of("strategy")) })
        : t("happened.why_other", {
            count: Number(told.candidates),
            strategy: said(of("strategy")),
            decided: said(of("decided_by")),
          });
  const next: string[] = [];
  if (told.next_lot_id) {
    next.push(
      told.next_expires_on
        ? t("happened.next_expires", { on: of("next_expires_on") })
        : t("happened.next_no_expiry"),
    );
    if (told.next_unit_cost) next.push(t("happened.next_cost", { cost: money("next_unit_cost") }));
  }
  const lot: string[] = [];
  if (told.expires_on) lot.push(t("happened.expires", { on: of("expires_on") }));
  if (told.unit_cost) lot.push(t("happened.given_cost", { cost: money("unit_cost") }));
  return (
    <>
      <div>{lot.join(" · ")}</div>
      <div>
        {why}
        {Number(told.place) > 1 && ` · ${t("happened.why_second", { place: of("place") })}`}
      </div>
      {next.length > 0 && (
        <div className="soft">{t("happened.next", { next: next.join(" · ") })}</div>
      )}
    </>
  );
}

/** How far each line came: what there is none of isn't said. */
function Counts({ lines }: { lines: Told[] }) {
  const { t } = useTranslation("orders");
  const counted = lines.filter((line) => "delivered" in line);
  return counted.map((line) => {
    const said = (["delivered", "waiting", "refused", "refunded"] as const)
      .filter((name) => Number(line[name]) > 0)
      .map((name) => `${t(`order.${name}`)} ${line[name]}`);
    const of = counted.length > 1 ? t("happened.given_line", { line: String(line.line) }) : "";
    return <div key={String(line.line)}>{of + said.join(" · ")}</div>;
  });
}

/** Why cards were taken back, as the stock notes it: "refund R1". */
function because(noted: string, t: TFunction<"orders">): string {
  const number = /^refund (.+)$/.exec(noted)?.[1];
  if (number === undefined) return noted;
  return number.startsWith("cancel:") ? t("order.cancel") : t("happened.refund", { number });
}
