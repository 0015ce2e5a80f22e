import { keepPreviousData } from "@tanstack/react-query";
import { Space } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";

type Move = components["schemas"]["MoveShown"];

const QUERY = { state: oneOf("asked", "posted", "refused"), before: text };

/** Money that agents paid in or took out: of one, or of all. What waits is decided here. */
export function Moves({ customer }: { customer?: string }) {
  const { t } = useTranslation("customers");
  const { t: states } = useTranslation("states");
  const [query, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/wallet-moves",
    { params: { query: { ...query, ...(customer ? { customer } : {}) } } },
    { placeholderData: keepPreviousData },
  );
  const { before, state } = query;
  return (
    <List<Move>
      name={customer ? "agent-moves" : "wallet-moves"}
      label={t("wallet.moves_label")}
      columns={useColumns(customer === undefined)}
      rows={asked.data?.moves}
      keyOf={(move) => move.id}
      asked={asked}
      change={change}
      cursor={{ name: "before", at: before, next: asked.data?.next_before }}
      filtered={state !== undefined}
      onClear={() => change({ state: null })}
      filters={
        <Choice
          label={t("wallet.state")}
          value={state}
          choices={(["asked", "posted", "refused"] as const).map((value) => ({
            value,
            label: states(`movement.${value}`),
          }))}
          onChange={(next) => change({ state: next })}
        />
      }
      empty={<Empty title={t("wallet.empty")}>{t("wallet.empty_hint")}</Empty>}
    />
  );
}

function useColumns(named: boolean): Column<Move>[] {
  const { t } = useTranslation("customers");
  const columns: Column<Move>[] = [
    { name: "at", title: t("wallet.at"), of: (move) => <Time at={move.asked_at} /> },
    {
      name: "kind",
      title: t("wallet.kind"),
      of: (move) => <Word of="movement_kind" value={move.kind} />,
    },
    {
      name: "amount",
      title: t("wallet.amount"),
      of: (move) => <Money value={signed(move)} />,
      figures: true,
    },
    {
      name: "state",
      title: t("wallet.state"),
      of: (move) => <Badge of="movement" value={move.state} />,
    },
    {
      name: "reference",
      title: t("wallet.reference"),
      of: (move) => (
        <>
          <Word of="cash_method" value={move.method} />{" "}
          <span className="code">{move.reference}</span>
        </>
      ),
    },
    { name: "asked_by", title: t("wallet.asked_by"), of: (move) => move.asked_by_name },
    { name: "decided_by", title: t("wallet.decided_by"), of: (move) => move.decided_by_name },
    { name: "reason", title: t("wallet.reason"), of: (move) => move.reason, optional: true },
    { name: "acts", title: "", of: (move) => move.state === "asked" && <MoveActs move={move} /> },
  ];
  if (!named) return columns;
  const of: Column<Move> = {
    name: "customer",
    title: t("wallet.customer"),
    of: (move) => <Link to={paths.customer(move.customer)}>{move.customer_name}</Link>,
  };
  return [of, ...columns];
}

/** Below nothing where it goes out. */
function signed(move: Move): string {
  return move.kind === "withdrawal" ? `-${move.amount}` : move.amount;
}

/** Approve what somebody else asked for, or refuse it. */
function MoveActs({ move }: { move: Move }) {
  const { t } = useTranslation("customers");
  const me = useMe();
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const params = { path: { move_id: move.id } };
  const said = { name: move.customer_name, amount: formatMoney(move.amount) };
  const why = move.asked_by === me.actor ? t("wallet.why_own") : t("wallet.why_decided");
  const after = async (done: string) => {
    await refresh(
      "/v1/wallet-moves",
      "/v1/customers",
      "/v1/customers/{code}",
      "/v1/customers/{code}/agent",
      "/v1/customers/{code}/wallet-statement",
    );
    say.done(done);
  };
  return (
    <Space size={4}>
      <Act
        size="small"
        can={move.can}
        does="approve"
        why={why}
        onClick={() =>
          confirm({
            title: t("wallet.approve_ask", said),
            about: t("wallet.approve_about", { reference: move.reference }),
            verb: t("wallet.approve"),
            send: async () => {
              await http.POST("/v1/wallet-moves/{move_id}/approval", { params });
              await after(t("wallet.approved"));
            },
          })
        }
      >
        {t("wallet.approve")}
      </Act>
      <Act
        size="small"
        can={move.can}
        does="refuse"
        why={why}
        onClick={() =>
          confirm({
            title: t("wallet.refuse_ask", said),
            about: t("wallet.refuse_about"),
            verb: t("wallet.refuse"),
            danger: true,
            send: async () => {
              await http.POST("/v1/wallet-moves/{move_id}/refusal", { params });
              await after(t("wallet.refused"));
            },
          })
        }
      >
        {t("wallet.refuse")}
      </Act>
    </Space>
  );
}
