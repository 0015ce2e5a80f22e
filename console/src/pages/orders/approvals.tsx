import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { ApprovalPanel, refreshApprovals } from "./approval-panel";

export type Approval = components["schemas"]["ApprovalShown"];

const QUERY = {
  state: oneOf("asked", "approved", "refused", "cancelled"),
  before: text,
  show: text,
};

/** What somebody asked for by hand above a limit: another person decides. */
export default function Approvals() {
  const { t } = useTranslation("approvals");
  const may = useMay();
  const confirm = useConfirm();
  const refresh = useRefresh();
  const say = useSay();
  const [chosen, setChosen] = useState<string[]>([]);
  const [{ show, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/approvals",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const approveAll = () =>
    confirm({
      title: t("approve_many", { count: chosen.length }),
      about: t("approve_many_about"),
      verb: t("approve"),
      send: async () => {
        const { data } = await http.POST("/v1/approvals/approve", { body: { ids: chosen } });
        await refreshApprovals(refresh);
        setChosen([]);
        const failed = (data?.outcomes ?? []).flatMap(({ problem }) => problem ?? []);
        const why =
          failed.length > 0
            ? t("failed", { count: failed.length, why: failed[0]?.detail })
            : undefined;
        say.done(t("approved_many", { count: data?.done ?? 0 }), why);
      },
    });
  return (
    <Page title={t("title")} about={t("about")}>
      <List<Approval>
        name="approvals"
        label={t("label")}
        columns={useColumns()}
        rows={asked.data?.approvals}
        keyOf={(row) => row.id}
        asked={asked}
        change={change}
        opened={show}
        linkOf={(row) => paths.approvals({ ...query, show: row.id })}
        cursor={{ name: "before", at: query.before, next: asked.data?.next_before }}
        total={asked.data?.total}
        filtered={query.state !== undefined}
        onClear={() => change({ state: null })}
        filters={
          <Choice
            label={t("state")}
            value={query.state}
            choices={useChoices("approval")}
            onChange={(state) => change({ state })}
          />
        }
        {...(may("orders.approve") ? { chosen: { keys: chosen, choose: setChosen } } : {})}
        bulk={
          <Button type="primary" onClick={approveAll}>
            {t("approve_many", { count: chosen.length })}
          </Button>
        }
        empty={<Empty title={t("empty")}>{t("empty_hint")}</Empty>}
      />
      <ApprovalPanel id={show} onClose={() => change({ show: null })} />
    </Page>
  );
}

/** What was asked for, in a line. */
export function useWhat(): (row: Approval) => string {
  const { t } = useTranslation("approvals");
  return (row) => {
    if (row.kind !== "orders") return t(row.kind, { number: row.order_number });
    const of = { count: row.orders, units: row.units };
    const what = row.file_name ? t("file", { ...of, file: row.file_name }) : t("orders", of);
    const { part, parts } = row;
    return parts > 1 ? `${what} · ${t("part", { part, parts })}` : what;
  };
}

function useColumns(): Column<Approval>[] {
  const { t } = useTranslation("approvals");
  const what = useWhat();
  return [
    { name: "what", title: t("what"), of: what },
    {
      name: "amount",
      title: t("amount"),
      figures: true,
      of: (row) => <Money value={row.amount} />,
    },
    { name: "why", title: t("why"), of: (row) => <Word of="above" value={row.said} /> },
    { name: "asked_by", title: t("asked_by"), of: (row) => row.asked_by },
    { name: "asked_at", title: t("asked_at"), of: (row) => <Time at={row.asked_at} /> },
    { name: "state", title: t("state"), of: (row) => <Badge of="approval" value={row.state} /> },
    { name: "decided", title: t("decided"), of: (row) => row.decided_by },
    {
      name: "decided_at",
      title: t("decided_at"),
      of: (row) => <Time at={row.decided_at} />,
      optional: true,
    },
  ];
}
