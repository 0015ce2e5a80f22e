import { Button, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { PrepaidAsk } from "@/forms/prepaid-ask";
import { paths } from "@/paths";
import { oneOf, text, useUrl } from "@/table/url";
import { Figure } from "@/ui/figure";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { e4, formatMoney } from "@/util/money";
import { Balances } from "./balances";
import { Dues } from "./dues";
import { Movements } from "./movements";
import { StandingPanel } from "./standing-panel";
import { type Part, type Standing, sums } from "./things";

const KINDS = [
  "deposit",
  "withdrawal",
  "payment",
  "returned",
  "recovered",
  "written_off",
  "opening",
  "correction",
] as const;
const QUERY = {
  view: oneOf("movements", "dues"),
  show: text, // the supplier whose money is looked at
  move: text, // the movement that is looked at
  form: oneOf("ask", "limits", "pay", "refuse", "cancel"),
  ask: oneOf(...KINDS),
  amount: text,
  supplier: text,
  state: oneOf("asked", "approved", "paid", "posted", "refused", "cancelled"),
  kind: oneOf(...KINDS),
  sort: text,
  before: text,
};
const STAYS = ["show", "move", "form", "ask", "amount"];

/** Our money with suppliers: how much, how long it lasts, and how it is moved by two people. */
export default function Prepaid() {
  const { t } = useTranslation("prepaid");
  const may = useMay();
  const [query, change] = useUrl(QUERY, { stays: STAYS });
  const { view, show, move, form } = query;
  const asked = api.useQuery("get", "/v1/prepaid");
  const rows = asked.data?.suppliers;
  return (
    <Page
      title={t("title")}
      about={t("about")}
      acts={
        may("prepaid.write") && (
          <Button type="primary" onClick={() => change({ form: "ask" })}>
            {t("ask.title")}
          </Button>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {rows && <Sums rows={rows} />}
      <Tabs
        activeKey={view ?? "balances"}
        onChange={(next) =>
          change({
            view: next === "balances" ? null : next,
            supplier: null,
            state: null,
            kind: null,
            sort: null,
          })
        }
        items={[
          {
            key: "balances",
            label: t("tabs.balances"),
            children: <Balances asked={asked} rows={rows} query={query} change={change} />,
          },
          {
            key: "movements",
            label: t("tabs.movements"),
            children: view === "movements" && <Movements query={query} change={change} />,
          },
          {
            key: "dues",
            label: t("tabs.dues"),
            children: view === "dues" && <Dues change={change} />,
          },
        ]}
      />
      <StandingPanel
        code={show}
        limits={form === "limits"}
        change={change}
        onClose={() => change({ show: null, form: null })}
      />
      <PrepaidAsk
        open={form === "ask" && move === undefined}
        supplier={show ?? query.supplier}
        kind={query.ask}
        amount={query.amount}
        onClose={() => change({ form: null, ask: null, amount: null })}
      />
    </Page>
  );
}

/** What there is with all of them, each currency by itself. */
function Sums({ rows }: { rows: readonly Standing[] }) {
  const { t } = useTranslation("prepaid");
  const figure = (part: Part, to: string | null = null, alarms = false) => {
    const [first, ...others] = sums(rows, part);
    const more = others.filter(({ sum }) => e4(sum) !== 0n);
    return (
      <Figure
        name={t(part)}
        value={<Money value={first?.sum ?? "0.00"} {...(first && { currency: first.currency })} />}
        note={
          more.length > 0 && (
            <span className="figures">
              {more.map(({ currency, sum }) => formatMoney(sum, currency)).join(" · ")}
            </span>
          )
        }
        means={t(`means.${part}`)}
        alarm={alarms && [...(first ? [first] : []), ...more].some(({ sum }) => e4(sum) > 0n)}
        to={to}
      />
    );
  };
  return (
    <div className="figures-strip">
      {figure("available")}
      {figure("in_doubt", paths.doubt(), true)}
      {figure("payable", paths.prepaid({ view: "dues" }))}
      {figure("recoveries")}
    </div>
  );
}
