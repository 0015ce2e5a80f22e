import { Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { Time } from "@/ui/time";
import { formatMoney, fromE4 } from "@/util/money";
import type { Whole } from "./things";

type Event = Whole["events"][number];

const ALARMING = /unclear|people|rejected|believed|not_ours|unknown|overdue|refunded_after|late$/;
const AMOUNTS = ["charged", "more", "amount", "kept", "total"] as const;

/** What happened to it, oldest first: who wanted it, each call, what came. */
export function Story({ whole }: { whole: Whole }) {
  return (
    <Timeline
      items={whole.events.map((event, place) => ({
        key: `${event.at} ${place}`,
        color: ALARMING.test(event.kind) ? "red" : "green",
        content: <Step event={event} whole={whole} />,
      }))}
    />
  );
}

function Step({ event, whole }: { event: Event; whole: Whole }) {
  const { t } = useTranslation("purchases");
  const attempt = whole.attempts.find((each) => each.id === event.attempt_id);
  const facts = event.facts;
  const text = (name: string) => (typeof facts[name] === "string" ? (facts[name] as string) : "");
  const amounts = AMOUNTS.flatMap((name) => {
    const e4 = facts[`${name}_e4`];
    const currency = attempt?.currency ?? whole.purchase.currency;
    if (typeof e4 === "number") return [formatMoney(fromE4(BigInt(e4)), currency)];
    return /^-?\d+\.\d+$/.test(text(name)) ? [formatMoney(text(name), currency)] : [];
  });
  const more = [
    attempt?.supplier_name,
    ...amounts,
    text("because"),
    text("reason"),
    text("evidence"),
  ];
  return (
    <div data-kind={event.kind}>
      <strong>
        {t(`events.${event.kind.replace(".", "|")}` as never, { defaultValue: event.kind })}
      </strong>
      {more.some(Boolean) && <div>{more.filter(Boolean).join(" · ")}</div>}
      <div className="soft">
        <Time at={event.at} exact /> · {event.who === "system" ? t("story.system") : event.who}
      </div>
    </div>
  );
}
