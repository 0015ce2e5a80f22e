import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { http } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { useConfirm } from "@/forms/form";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import { Settled, What } from "./columns";
import { type Finding, useRefreshStatements } from "./things";

/** One difference: their line beside our order, and how it is settled. */
export function FindingPanel({
  finding,
  onClose,
  onResolve,
}: {
  finding: Finding | undefined;
  onClose: () => void;
  onResolve: () => void;
}) {
  const { t } = useTranslation("statements");
  const { t: states } = useTranslation("states");
  return (
    <Panel
      title={finding ? states(`finding.${finding.kind}`) : ""}
      open={finding !== undefined}
      onClose={onClose}
    >
      {finding && (
        <div className="purchase-panel">
          <Alert type="info" showIcon title={t(`find.means.${finding.kind}`)} />
          {finding.what === "in_doubt" && (
            <Alert
              type="warning"
              showIcon
              title={t("find.in_doubt")}
              action={
                finding.attempt_id && (
                  <Link to={paths.doubt({ show: finding.attempt_id })}>{t("find.to_doubt")}</Link>
                )
              }
            />
          )}
          <Acts finding={finding} onResolve={onResolve} />
          <Known finding={finding} />
          {finding.resolution && <Resolution finding={finding} />}
        </div>
      )}
    </Panel>
  );
}

function Acts({ finding, onResolve }: { finding: Finding; onResolve: () => void }) {
  const { t } = useTranslation("statements");
  const may = useMay();
  const me = useMe();
  const confirm = useConfirm();
  const refresh = useRefreshStatements();
  const say = useSay();
  const approve = () =>
    confirm({
      title: t("find.approve_sure", { amount: formatMoney(finding.difference, finding.currency) }),
      about: t("find.approve_about"),
      verb: t("find.approve"),
      send: async () => {
        const params = { path: { finding_id: finding.id ?? "" } };
        await http.POST("/v1/findings/{finding_id}/approval", { params });
        await refresh();
        say.done(t("find.posted"));
      },
    });
  const own = finding.asked_by === me.actor ? t("find.own") : undefined;
  return (
    <span className="purchase-acts">
      {!finding.resolution && may("prepaid.write") && (
        <Act can={finding.can ?? []} does="resolve" type="primary" onClick={onResolve}>
          {t("find.resolve")}
        </Act>
      )}
      {finding.resolution_state === "asked" && may("prepaid.approve") && (
        <Act can={finding.can ?? []} does="approve" why={own} type="primary" onClick={approve}>
          {t("find.approve")}
        </Act>
      )}
    </span>
  );
}

function Known({ finding }: { finding: Finding }) {
  const { t } = useTranslation("statements");
  return (
    <Facts>
      <Fact name={t("one.kind")}>
        <What row={finding} />
      </Fact>
      <Fact name={t("find.ours")}>
        <Money value={finding.ours} currency={finding.currency} />
      </Fact>
      <Fact name={t("find.theirs")}>
        <Money value={finding.theirs} currency={finding.currency} />
      </Fact>
      <Fact name={t("find.difference")}>
        <strong>
          <Money value={finding.difference} currency={finding.currency} />
        </strong>
      </Fact>
      <Fact name={t("find.our_number")}>
        {finding.our_number && (
          <>
            <span className="code">{finding.our_number}</span>{" "}
            {finding.our_state && <Badge of="attempt" value={finding.our_state} />}
          </>
        )}
      </Fact>
      <Fact name={t("find.our_at")}>{finding.our_at && <Time at={finding.our_at} exact />}</Fact>
      <Fact name={t("find.purchase")}>
        {finding.purchase_id && (
          <Link to={paths.purchase(finding.purchase_id)}>{t("find.see_purchase")}</Link>
        )}
      </Fact>
      <Fact name={t("find.row")}>{finding.row}</Fact>
      <Fact name={t("find.listed_number")}>
        {finding.listed_number && <span className="code">{finding.listed_number}</span>}
      </Fact>
      <Fact name={t("find.their_number")}>
        {finding.their_number && <span className="code">{finding.their_number}</span>}
      </Fact>
      <Fact name={t("find.listed_at")}>
        {finding.listed_at && <Time at={finding.listed_at} exact />}
      </Fact>
      <Fact name={t("find.title")}>{finding.title}</Fact>
    </Facts>
  );
}

function Resolution({ finding }: { finding: Finding }) {
  const { t } = useTranslation("statements");
  return (
    <section>
      <h3>{t("find.how")}</h3>
      <Facts>
        <Fact name={t("find.state")}>
          <Settled row={finding} />
        </Fact>
        <Fact name={t("find.reason")}>{finding.reason}</Fact>
        <Fact name={t("find.asked_by")}>{finding.asked_by_name}</Fact>
        <Fact name={t("find.approved_by")}>{finding.approved_by_name}</Fact>
        <Fact name={t("find.posting")}>
          {finding.transfer_id && finding.resolution && (
            <>
              <Money value={finding.difference} currency={finding.currency} />{" "}
              <span className="soft">{t(`find.books.${finding.resolution}`)}</span>
              <div className="code soft">{finding.transfer_id}</div>
            </>
          )}
        </Fact>
        <Fact name={t("find.posting")}>
          {finding.resolution === "explained" && <Word of="resolution" value="explained" />}
        </Fact>
      </Facts>
    </section>
  );
}
