import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { CustomerAdd } from "@/forms/customer-add";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { flag, text, useUrl } from "@/table/url";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

export type Customer = components["schemas"]["CustomerShown"];

const QUERY = { q: text, agents: flag, after: text, show: text };

/** Every customer: what it has with us, and what it may still order for. */
export default function Customers() {
  const { t } = useTranslation("customers");
  const may = useMay();
  const [{ show, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/customers",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const { after, ...narrowed } = query;
  const add = may("settings.write") && (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("list.add")}
    </Button>
  );
  return (
    <Page title={t("list.title")} about={t("list.about")} acts={add}>
      <List<Customer>
        name="customers"
        label={t("list.label")}
        columns={useColumns()}
        rows={asked.data?.customers}
        keyOf={(one) => one.code}
        asked={asked}
        change={change}
        cursor={{ name: "after", at: after, next: asked.data?.next_after }}
        linkOf={(one) => paths.customer(one.code)}
        total={asked.data?.total}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() => change({ q: null, agents: null })}
        filters={
          <>
            <Typed label={t("list.q")} value={query.q} onChange={(q) => change({ q })} />
            <Choice
              label={t("list.agents_only")}
              value={query.agents === undefined ? undefined : String(query.agents)}
              choices={[
                { value: "true", label: t("list.agent") },
                { value: "false", label: t("list.customer") },
              ]}
              onChange={(agents) => change({ agents })}
            />
          </>
        }
        empty={
          <Empty title={t("list.empty")} act={add}>
            {t("list.empty_hint")}
          </Empty>
        }
      />
      <CustomerAdd open={show === "new"} onClose={() => change({ show: null })} />
    </Page>
  );
}

function useColumns(): Column<Customer>[] {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  return [
    { name: "name", title: t("list.name"), of: (one) => one.name },
    {
      name: "code",
      title: t("list.code"),
      of: (one) => <span className="code">{one.code}</span>,
    },
    {
      name: "kind",
      title: t("list.kind"),
      of: (one) => t(one.agent ? "list.agent" : "list.customer"),
    },
    {
      name: "state",
      title: t("list.state"),
      of: (one) => one.agent && <Badge of="agent" value={one.agent.state} />,
    },
    {
      name: "wallet",
      title: t("list.wallet"),
      of: (one) => one.agent && <Money value={one.agent.wallet} />,
      figures: true,
    },
    {
      name: "credit",
      title: t("list.credit"),
      of: (one) => one.agent && <Money value={one.agent.credit_max} />,
      figures: true,
    },
    {
      name: "room",
      title: t("list.room"),
      of: (one) => one.agent && <Money value={one.agent.room} />,
      figures: true,
    },
    {
      name: "partial",
      title: t("list.partial"),
      of: (one) =>
        one.partial_allowed === null ? (
          <span className="soft">{t("list.partial_as")}</span>
        ) : (
          shell(one.partial_allowed ? "do.yes" : "do.no")
        ),
      optional: true,
    },
    { name: "added", title: t("list.added"), of: (one) => <Time at={one.added_at} /> },
  ];
}
