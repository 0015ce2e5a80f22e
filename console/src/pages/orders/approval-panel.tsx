import { Skeleton, Space, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { ApprovalRefuse } from "@/forms/approval-refuse";
import { useConfirm } from "@/forms/form";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import { type Approval, useWhat } from "./approvals";

type Line = components["schemas"]["AskedLine"];

/** One that waits, or was decided: who asked, for what, line by line. */
export function ApprovalPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("approvals");
  const what = useWhat();
  const [ending, setEnding] = useState<"refuse" | "take_back" | null>(null);
  const asked = api.useQuery(
    "get",
    "/v1/approvals/{approval_id}",
    { params: { path: { approval_id: id ?? "" } } },
    { enabled: id !== undefined },
  );
  const row = id === undefined ? undefined : asked.data;
  return (
    <Panel title={row ? what(row) : t("title")} open={id !== undefined} onClose={onClose} wide>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {row && (
        <div className="cards">
          <About row={row} />
          {row.blocked && <p className="soft">{row.blocked}</p>}
          <Acts row={row} end={setEnding} />
          <Lines row={row} />
        </div>
      )}
      {row && <ApprovalRefuse approval={row} how={ending} onClose={() => setEnding(null)} />}
    </Panel>
  );
}

function About({ row }: { row: Approval }) {
  const { t } = useTranslation("approvals");
  return (
    <Facts>
      <Fact name={t("state")}>
        <Badge of="approval" value={row.state} />
      </Fact>
      <Fact name={t("why")}>
        <Word of="above" value={row.said} />
      </Fact>
      <Fact name={t("amount")}>
        <Money value={row.amount} />
      </Fact>
      <Fact name={t("units")}>
        <Count value={row.units} />
      </Fact>
      <Fact name={t("order")}>
        {row.order_id && (
          <Link to={paths.order(row.order_id)} title={t("see_order")}>
            {row.order_number}
          </Link>
        )}
      </Fact>
      <Fact name={t("asked_by")}>
        {row.asked_by} · <Time at={row.asked_at} exact />
      </Fact>
      <Fact name={t("decided")}>
        {row.decided_by && (
          <>
            {row.decided_by} · <Time at={row.decided_at} exact />
          </>
        )}
      </Fact>
      <Fact name={t("because")}>{row.because}</Fact>
    </Facts>
  );
}

function Acts({ row, end }: { row: Approval; end: (how: "refuse" | "take_back") => void }) {
  const { t } = useTranslation("approvals");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  if (row.state !== "asked") return null;
  const amount = formatMoney(row.amount);
  const isOrders = row.kind === "orders";
  const approve = () =>
    confirm({
      title: isOrders
        ? t("approve_orders", { count: row.orders })
        : t("approve_refund", { amount }),
      about: t(isOrders ? "approve_orders_ask" : "approve_refund_ask", { amount }),
      verb: t("approve"),
      danger: !isOrders,
      send: async () => {
        const params = { path: { approval_id: row.id } };
        await http.POST("/v1/approvals/{approval_id}/approve", { params });
        await refreshApprovals(refresh);
        say.done(t("approved"));
      },
    });
  if (row.can.includes("take_back")) {
    return (
      <div>
        <Act onClick={() => end("take_back")}>{t("take_back")}</Act>
      </div>
    );
  }
  return (
    <Space>
      <Act type="primary" can={row.can} does="approve" why={t("why_not")} onClick={approve}>
        {t("approve")}
      </Act>
      <Act can={row.can} does="refuse" why={t("why_not")} onClick={() => end("refuse")}>
        {t("refuse")}
      </Act>
    </Space>
  );
}

function Lines({ row }: { row: Approval }) {
  const { t } = useTranslation("approvals");
  if (row.whole_order) return <p>{t("whole")}</p>;
  const columns = [
    { key: "order", title: t("order"), render: (_: unknown, line: Line) => line.order },
    {
      key: "sku",
      title: t("sku"),
      render: (_: unknown, line: Line) => (
        <>
          {line.name ?? line.sku ?? line.line}
          {line.account && <div className="soft">{`${t("account")} ${line.account}`}</div>}
        </>
      ),
    },
    {
      key: "quantity",
      title: t("quantity"),
      align: "right" as const,
      render: (_: unknown, line: Line) => <Count value={line.quantity} />,
    },
    {
      key: "amount",
      title: t("price"),
      align: "right" as const,
      render: (_: unknown, line: Line) =>
        line.amount === null ? (
          <span className="soft">{t("share")}</span>
        ) : (
          <Money value={line.amount} />
        ),
    },
    {
      key: "whose",
      title: t("store"),
      render: (_: unknown, line: Line) =>
        [line.store ?? t("counter"), line.customer].filter(Boolean).join(" · "),
    },
  ];
  return (
    <>
      <Table<Line>
        size="small"
        rowKey={(line) => `${line.order} ${line.line}`}
        dataSource={row.lines}
        pagination={row.lines.length > 20 ? { pageSize: 20 } : false}
        scroll={{ x: "max-content" }}
        columns={row.kind === "orders" ? columns : columns.slice(0, -1)}
      />
      {row.lines.length >= 200 && <p className="soft">{t("lines_more", { count: 200 })}</p>}
    </>
  );
}

/** Read anew what a decision changes. */
export async function refreshApprovals(refresh: ReturnType<typeof useRefresh>): Promise<void> {
  await refresh(
    "/v1/approvals",
    "/v1/approvals/{approval_id}",
    "/v1/orders",
    "/v1/orders/{order_id}",
    "/v1/orders/{order_id}/timeline",
    "/v1/orders/{order_id}/money",
  );
}
