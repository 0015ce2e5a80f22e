import "@/theme/imports.css";
import { Space, Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { AgentTerms } from "@/forms/agent-terms";
import { CustomerChange } from "@/forms/customer-change";
import { oneOf, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Page, PageSkeleton } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import type { Customer } from "./list";
import { Logins } from "./logins";
import { CustomerOrders } from "./orders";
import { Prices } from "./prices";
import { Wallet } from "./wallet";

const TABS = ["wallet", "prices", "logins", "orders"] as const;
const QUERY = { tab: oneOf(...TABS), show: oneOf("change", "terms") };

/** One customer: its money where it sells on, its prices, its systems, its orders. */
export default function CustomerPage() {
  const { code = "" } = useParams();
  const asked = api.useQuery("get", "/v1/customers/{code}", { params: { path: { code } } });
  if (asked.data) return <Shown customer={asked.data} />;
  return asked.isPending ? (
    <PageSkeleton />
  ) : (
    <ProblemNote error={asked.error} again={() => void asked.refetch()} />
  );
}

function Shown({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const may = useMay();
  const [{ tab, show }, change] = useUrl(QUERY);
  const { code } = customer;
  const asked = api.useQuery(
    "get",
    "/v1/customers/{code}/agent",
    { params: { path: { code } } },
    { enabled: customer.agent !== null },
  );
  const agent = customer.agent === null ? undefined : asked.data;
  const close = () => change({ show: null });
  const panes = {
    wallet: agent && <Wallet agent={agent} />,
    prices: may("ledger.read") && <Prices code={code} />,
    logins: may("keys.manage") && <Logins code={code} />,
    orders: <CustomerOrders code={code} />,
  };
  const shown = TABS.filter((name) => panes[name]);
  return (
    <Page
      title={customer.name}
      about={
        <Space>
          <span className="code">{code}</span>
          {customer.agent && <Badge of="agent" value={customer.agent.state} />}
        </Space>
      }
      acts={<Acts customer={customer} change={change} />}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {customer.agent ? (
        agent && (
          <Tabs
            activeKey={tab && shown.includes(tab) ? tab : "wallet"}
            onChange={(key) => change({ tab: key, state: null })}
            destroyOnHidden
            items={shown.map((name) => ({
              key: name,
              label: t(`one.tabs.${name}`),
              children: panes[name],
            }))}
          />
        )
      ) : (
        <CustomerOrders code={code} />
      )}
      <CustomerChange customer={customer} open={show === "change"} onClose={close} />
      {(agent || customer.agent === null) && (
        <AgentTerms
          code={code}
          name={customer.name}
          agent={agent}
          open={show === "terms"}
          onClose={close}
        />
      )}
    </Page>
  );
}

function Acts({
  customer,
  change,
}: {
  customer: Customer;
  change: (patch: { show: string }) => void;
}) {
  const { t } = useTranslation("customers");
  const may = useMay();
  if (!may("settings.write")) return null;
  return (
    <>
      <Act can={customer.can} does="change" onClick={() => change({ show: "change" })}>
        {t("one.change")}
      </Act>
      <Act can={customer.can} does="change" onClick={() => change({ show: "terms" })}>
        {customer.agent ? t("terms.change") : t("one.make_agent")}
      </Act>
    </>
  );
}
