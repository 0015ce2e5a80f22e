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
import { e4 } from "@/util/money";
import { Balances } from "./balances";
import { Dues } from "./dues";
import { Movements } from "./movements";
import { StandingPanel } from "./standing-panel";
import { type Standing, sum } from "./things";

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

function Sums({ rows }: { rows: readonly Standing[] }) {
  const { t } = useTranslation("prepaid");
  const doubt = sum(rows.map((row) => row.in_doubt));
  const available = sum(rows.map((row) => row.available));
  return (
    <div className="figures-strip">
      <Figure
        name={t("available")}
        value={<Money value={available} />}
        means={t("means.available")}
      />
      <Figure
        name={t("in_doubt")}
        value={<Money value={doubt} />}
        means={t("means.in_doubt")}
        alarm={e4(doubt) > 0n}
        to={paths.doubt()}
      />
      <Figure
        name={t("payable")}
        value={<Money value={sum(rows.map((row) => row.payable))} />}
        means={t("means.payable")}
        to={paths.prepaid({ view: "dues" })}
      />
      <Figure
        name={t("recoveries")}
        value={<Money value={sum(rows.map((row) => row.recoveries))} />}
        means={t("means.recoveries")}
      />
    </div>
  );
}
