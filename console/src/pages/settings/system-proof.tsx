import { CheckCircleOutlined } from "@ant-design/icons";
import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Count } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";

/** When the books and the stock were last proved, of what, and what was found. */
export function Proof() {
  const { t } = useTranslation("system");
  const asked = api.useQuery("get", "/v1/proof");
  const proof = asked.data;
  return (
    <Part title={t("proof.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} />}
      {proof && proof.at === null && <p className="soft">{t("proof.never")}</p>}
      {proof?.at && (
        <>
          <p>
            <strong className={proof.ok ? "" : "alarm"}>
              {t(proof.ok ? "proof.ok" : "proof.broken", { count: proof.broken.length })}
            </strong>{" "}
            <span className="soft">
              <Time at={proof.at} exact /> ·{" "}
              {t(proof.scope === "all" ? "proof.all" : "proof.recent")} · {t("proof.rows")}{" "}
              <Count value={proof.rows_checked} />
            </span>
          </p>
          {proof.broken.length > 0 && (
            <ul className="plain-steps">
              {proof.broken.map((rule) => (
                <li key={rule.rule}>
                  {rule.says}{" "}
                  <span className="soft">{t("proof.rows_of", { count: rule.rows })}</span>
                </li>
              ))}
            </ul>
          )}
          {proof.ok && (
            <ul className="system-proved" aria-label={t("proof.what")}>
              {proof.proved.map((name) => (
                <li key={name}>
                  <CheckCircleOutlined aria-hidden />{" "}
                  {t(`proved.${name}` as never, { defaultValue: name })}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Part>
  );
}
