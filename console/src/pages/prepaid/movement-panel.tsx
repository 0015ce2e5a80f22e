import { Alert, Skeleton, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { useConfirm } from "@/forms/form";
import { PrepaidPay } from "@/forms/prepaid-pay";
import { Reason } from "@/forms/reason";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import { type Movement, useRefreshPrepaid } from "./things";

/** One movement of money: what it is for, who did each step, what is next. */
export function MovementPanel({
  id,
  form,
  change,
  onClose,
}: {
  id: string | undefined;
  form: string | undefined;
  change: Change;
  onClose: () => void;
}) {
  const { t } = useTranslation("prepaid");
  const { t: states } = useTranslation("states");
  const asked = api.useQuery(
    "get",
    "/v1/prepaid/movements/{movement_id}",
    { params: { path: { movement_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const refresh = useRefreshPrepaid();
  const say = useSay();
  const row = id === undefined ? undefined : asked.data;
  const back = () => change({ form: null });
  const end = async (how: "refusal" | "cancellation", reason: string) => {
    if (row === undefined) return;
    const params = { path: { movement_id: row.id } };
    if (how === "refusal")
      await http.POST("/v1/prepaid/movements/{movement_id}/refusal", { params, body: { reason } });
    else
      await http.POST("/v1/prepaid/movements/{movement_id}/cancellation", {
        params,
        body: { reason },
      });
    await refresh();
    back();
    say.done(t(how === "refusal" ? "moves.refused" : "moves.cancelled"));
  };
  return (
    <Panel
      title={row ? t("moves.one", { kind: states(`movement_kind.${row.kind}`) }) : ""}
      open={id !== undefined}
      onClose={onClose}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {id !== undefined && asked.isPending && <Skeleton active />}
      {row && (
        <div className="purchase-panel">
          <Next row={row} />
          <Acts row={row} open={(what) => change({ form: what })} />
          <Known row={row} />
          <Steps row={row} />
        </div>
      )}
      {row && <PrepaidPay movement={row} open={form === "pay"} onClose={back} />}
      <Reason
        title={t("moves.refuse_title")}
        label={t("moves.why")}
        verb={t("moves.refuse")}
        open={row !== undefined && form === "refuse"}
        onClose={back}
        send={(reason) => end("refusal", reason)}
      />
      <Reason
        title={t("moves.cancel_title")}
        label={t("moves.why")}
        verb={t("moves.cancel")}
        open={row !== undefined && form === "cancel"}
        onClose={back}
        send={(reason) => end("cancellation", reason)}
      />
    </Panel>
  );
}

/** What it waits for. */
function Next({ row }: { row: Movement }) {
  const { t } = useTranslation("prepaid");
  const me = useMe();
  if (row.state === "asked") {
    const mine = row.asked_by === me.actor;
    return (
      <Alert type="warning" showIcon title={t(mine ? "moves.next_mine" : "moves.next_asked")} />
    );
  }
  if (row.state === "approved" || row.state === "paid")
    return <Alert type="info" showIcon title={t(`moves.next_${row.state}`)} />;
  return null;
}

function Acts({ row, open }: { row: Movement; open: (what: "pay" | "refuse" | "cancel") => void }) {
  const { t } = useTranslation("prepaid");
  const { t: states } = useTranslation("states");
  const may = useMay();
  const me = useMe();
  const refresh = useRefreshPrepaid();
  const confirm = useConfirm();
  const say = useSay();
  const params = { path: { movement_id: row.id } };
  const what = {
    kind: states(`movement_kind.${row.kind}`),
    supplier: row.supplier_name,
    amount: formatMoney(row.amount, row.currency),
  };
  const approve = () =>
    confirm({
      title: t("moves.approve_sure", what),
      about: t(row.method ? "moves.approve_cash" : "moves.approve_books"),
      verb: t("moves.approve"),
      send: async () => {
        await http.POST("/v1/prepaid/movements/{movement_id}/approval", { params });
        await refresh();
        say.done(t(row.method ? "moves.approved" : "moves.posted"));
      },
    });
  const post = () =>
    confirm({
      title: t("moves.post_sure", what),
      about: t("moves.post_about"),
      verb: t("moves.post"),
      send: async () => {
        await http.POST("/v1/prepaid/movements/{movement_id}/posting", { params });
        await refresh();
        say.done(t("moves.posted"));
      },
    });
  const can = { can: row.can };
  const open_ = row.state === "asked" || row.state === "approved";
  const own = row.asked_by === me.actor ? t("moves.own") : undefined;
  return (
    <span className="purchase-acts">
      {row.state === "asked" && may("prepaid.approve") && (
        <Act {...can} does="approve" why={own} type="primary" onClick={approve}>
          {t("moves.approve")}
        </Act>
      )}
      {row.state === "approved" && may("prepaid.write") && (
        <Act {...can} does="pay" type="primary" onClick={() => open("pay")}>
          {t("moves.pay")}
        </Act>
      )}
      {row.state === "paid" && may("prepaid.write") && (
        <Act {...can} does="post" type="primary" onClick={post}>
          {t("moves.post")}
        </Act>
      )}
      {open_ && may("prepaid.approve") && (
        <Act {...can} does="refuse" danger onClick={() => open("refuse")}>
          {t("moves.refuse")}
        </Act>
      )}
      {open_ && may("prepaid.write") && (
        <Act {...can} does="cancel" onClick={() => open("cancel")}>
          {t("moves.cancel")}
        </Act>
      )}
    </span>
  );
}

function Known({ row }: { row: Movement }) {
  const { t } = useTranslation("prepaid");
  const say = useSay();
  const save = async () => {
    const { data } = await http.GET("/v1/prepaid/movements/{movement_id}/evidence", {
      params: { path: { movement_id: row.id } },
      parseAs: "blob",
    });
    if (data === undefined) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(data as unknown as Blob);
    link.download = row.evidence_name ?? "evidence";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Facts>
      <Fact name={t("moves.state")}>
        <Badge of="movement" value={row.state} />
      </Fact>
      <Fact name={t("supplier")}>{row.supplier_name}</Fact>
      <Fact name={t("moves.amount")}>
        <Money value={row.amount} currency={row.currency} />
      </Fact>
      <Fact name={t("moves.method")}>
        {row.method && <Word of="cash_method" value={row.method} />}
      </Fact>
      <Fact name={t("moves.reason")}>{row.reason}</Fact>
      <Fact name={t("moves.reference")}>
        {row.reference && <span className="code">{row.reference}</span>}
      </Fact>
      <Fact name={t("moves.evidence")}>
        {row.evidence_name && (
          <Act size="small" onClick={() => save().catch(say.failed)}>
            {t("moves.evidence_save", { name: row.evidence_name })}
          </Act>
        )}
      </Fact>
    </Facts>
  );
}

/** Each step with who did it: nobody does all of them. */
function Steps({ row }: { row: Movement }) {
  const { t } = useTranslation("prepaid");
  const name = (actor: string | null) => (actor ? (row.names[actor] ?? actor) : "");
  const ended = row.state === "refused" ? t("moves.refused") : t("moves.cancelled");
  const steps = [
    { title: t("moves.did_ask"), by: row.asked_by, at: row.asked_at },
    { title: t("moves.did_approve"), by: row.approved_by, at: row.approved_at },
    { title: t("moves.did_pay"), by: row.paid_by, at: row.paid_at },
    { title: t("moves.did_post"), by: row.posted_by, at: row.posted_at },
    { title: ended, by: row.ended_by, at: row.ended_at, why: row.ended_because },
  ].filter((step) => step.at);
  return (
    <Timeline
      items={steps.map((step) => ({
        key: step.title,
        color: "why" in step ? "red" : "green",
        content: (
          <>
            <strong>{step.title}</strong> · {name(step.by)}
            {"why" in step && <div>{step.why}</div>}
            <div className="soft">
              <Time at={step.at} exact />
            </div>
          </>
        ),
      }))}
    />
  );
}
