import { Alert, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Copy } from "@/ui/once";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import { AttemptActs } from "./attempt-acts";
import { AttemptForms } from "./attempts";
import type { Attempt } from "./things";

/** One order at a supplier: what we know, what to do, what people said of it. */
export function AttemptPanel({
  id,
  form,
  open,
  onClose,
}: {
  id: string | undefined;
  form: "bought" | "not_bought" | undefined;
  open: (what: "bought" | "not_bought") => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("purchases");
  const asked = api.useQuery(
    "get",
    "/v1/supplier-orders/{attempt_id}",
    { params: { path: { attempt_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const attempt = id === undefined ? undefined : asked.data;
  return (
    <Panel
      title={t("doubt.one", { number: attempt?.number ?? "" })}
      open={id !== undefined}
      onClose={onClose}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {id !== undefined && asked.isPending && <Skeleton active />}
      {attempt && (
        <div className="purchase-panel">
          <Advice attempt={attempt} />
          <AttemptActs attempt={attempt} open={open} />
          <Known attempt={attempt} />
          <Said attempt={attempt} />
        </div>
      )}
      <AttemptForms attempt={attempt} show={form} onClose={onClose} />
    </Panel>
  );
}

/** What to do about it, in the order in which it is done. */
function Advice({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation("purchases");
  const me = useMe();
  const said = attempt.verdicts.filter((each) => !each.bought);
  if (attempt.state === "manual" && said.length > 0) {
    const mine = said.some((each) => each.said_by === me.actor);
    return (
      <Alert
        type="warning"
        showIcon
        title={t("doubt.half")}
        description={t(mine ? "doubt.half_mine" : "doubt.half_other", { who: said[0]?.who })}
      />
    );
  }
  if (attempt.state === "manual")
    return (
      <Alert
        type="error"
        showIcon
        title={t("doubt.manual")}
        description={
          <ol className="plain-steps">
            <li>{t("doubt.step_ask")}</li>
            <li>
              {t("doubt.step_people", { supplier: attempt.supplier_name, number: attempt.number })}
            </li>
            <li>{t("doubt.step_say")}</li>
          </ol>
        }
      />
    );
  if (attempt.state === "unclear" || attempt.state === "processing")
    return (
      <Alert
        type="info"
        showIcon
        title={t("doubt.going_on")}
        description={t("doubt.going_on_about")}
      />
    );
  return null;
}

function Known({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation("purchases");
  return (
    <Facts>
      <Fact name={t("list.state")}>
        <Badge of="attempt" value={attempt.state} />
      </Fact>
      <Fact name={t("doubt.said")}>{attempt.words}</Fact>
      <Fact name={t("doubt.amount")}>
        <Money value={attempt.total} currency={attempt.currency} />
      </Fact>
      <Fact name={t("list.supplier")}>{attempt.supplier_name}</Fact>
      <Fact name={t("doubt.number")}>
        <span className="code">{attempt.number}</span> <Copy text={attempt.number} />
      </Fact>
      <Fact name={t("bought.their_number")}>
        {attempt.their_number && <span className="code">{attempt.their_number}</span>}
      </Fact>
      <Fact name={t("list.sku")}>
        <Link to={paths.purchase(attempt.purchase_id)}>
          {t("one.title", {
            sku: attempt.sku_name,
            quantity: formatCount(attempt.quantity * attempt.units),
          })}
        </Link>
      </Fact>
      <Fact name={t("doubt.since")}>
        <Time at={attempt.made_at} exact />
      </Fact>
      <Fact name={t("doubt.asks")}>{t("doubt.asked_times", { count: attempt.asks })}</Fact>
      <Fact name={t("doubt.next")}>{attempt.next_at && <Time at={attempt.next_at} exact />}</Fact>
    </Facts>
  );
}

function Said({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation("purchases");
  if (attempt.verdicts.length === 0) return null;
  return (
    <section>
      <h3>{t("doubt.verdicts")}</h3>
      <ul className="desk-notes">
        {attempt.verdicts.map((each) => (
          <li key={`${each.at} ${each.said_by}`}>
            <strong>{t(each.bought ? "act.bought" : "act.not_bought")}</strong>
            {!each.bought && (
              <div>
                {each.reason} · {each.evidence}
              </div>
            )}
            <div className="soft">
              <Time at={each.at} exact /> · {each.who}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
