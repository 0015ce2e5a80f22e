import { Alert, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { paths } from "@/paths";
import { Figure } from "@/ui/figure";
import { Count } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";

/** Whether all adds up, who looked at cards, and what people changed. */
export function Auditor() {
  const { t } = useTranslation("home");
  const proof = useProof();
  const lately = api.useQuery("get", "/v1/events/lately");
  const { data } = lately;
  return (
    <>
      <ProblemNote error={proof.error} again={() => void proof.refetch()} />
      <Proof asked={proof} />
      <ProblemNote error={lately.error} again={() => void lately.refetch()} />
      <div className="home-pair">
        <Part title={t("changes.title")} means={t("changes.means")} at={data?.at}>
          {lately.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
          {data?.done.length === 0 && <p className="soft">{t("changes.none")}</p>}
          <ul className="waits">
            {data?.done.map((each) => (
              <li key={each.id}>
                <span>{each.says}</span>
                <span className="spring" />
                <span className="soft">{each.by}</span>
                <Time at={each.at} />
              </li>
            ))}
          </ul>
        </Part>
        <Part
          title={t("reveals.title", { count: data?.revealed_today ?? 0 })}
          means={t("reveals.means")}
          at={data?.at}
        >
          {lately.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
          {data?.revealed.length === 0 && <p className="soft">{t("reveals.none")}</p>}
          <ul className="waits">
            {data?.revealed.map((each) => (
              <li key={each.id}>
                <span>
                  {each.sku} <span className="code">•••{each.tail}</span>
                </span>
                {each.order_id && (
                  <Link to={paths.order(each.order_id)} className="code">
                    {each.order}
                  </Link>
                )}
                <span className="spring" />
                <span className="soft">{each.reason}</span>
                <span>{each.by}</span>
                <Time at={each.at} />
              </li>
            ))}
          </ul>
        </Part>
      </div>
    </>
  );
}

/** What the last self-check found. */
function Proof({ asked }: { asked: ReturnType<typeof useProof> }) {
  const { t } = useTranslation("home");
  const proof = asked.data;
  if (proof && !proof.ok && proof.at !== null) {
    return (
      <Alert
        type="error"
        showIcon
        title={t("proof.broken", { count: proof.broken.length })}
        description={
          <ul className="plain-steps">
            {proof.broken.map((rule) => (
              <li key={rule.rule}>
                {rule.says} <span className="figures">({rule.rows})</span>
              </li>
            ))}
          </ul>
        }
      />
    );
  }
  return (
    <div className="figures-strip">
      <Figure
        name={t("proof.title")}
        means={t("proof.means")}
        at={proof?.at}
        value={proof === undefined ? "—" : t(proof.ok ? "proof.ok" : "proof.never")}
        note={proof?.at && <Time at={proof.at} />}
        to={paths.trialBalance()}
      />
      <Figure
        name={t("proof.rows")}
        means={t("proof.rows_means")}
        at={proof?.at}
        value={<Count value={proof?.rows_checked} />}
        note={proof?.scope && t(`proof.${proof.scope === "all" ? "all" : "recent"}`)}
      />
    </div>
  );
}

function useProof() {
  return api.useQuery("get", "/v1/proof");
}
