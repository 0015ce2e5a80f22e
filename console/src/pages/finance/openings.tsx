import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { OpeningPost } from "@/forms/opening-post";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { type Reader, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";
import { Time } from "@/ui/time";

type Opening = components["schemas"]["OpeningShown"];
type Posted = components["schemas"]["PostedShown"];

const ID = /^[0-9a-f-]{36}$/;
const SHOWN: Reader<string> = (written) =>
  written === "post" || ID.test(written) ? written : undefined;
const QUERY = { show: SHOWN };

/** What was there before us, posted once: the first balances of the books. */
export default function Openings() {
  const { t } = useTranslation("openings");
  const may = useMay();
  const [{ show }, change] = useUrl(QUERY);
  const asked = api.useQuery("get", "/v1/openings");
  const post = may("settings.write") && (
    <Button type="primary" onClick={() => change({ show: "post" })}>
      {t("post")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} acts={post}>
      <List<Opening>
        name="openings"
        label={t("title")}
        columns={useColumns()}
        rows={asked.data?.openings}
        keyOf={(row) => row.id}
        asked={asked}
        opened={show}
        linkOf={(row) => paths.openings({ show: row.id })}
        empty={
          <Empty title={t("none")} act={post}>
            {t("none_hint")} {!post && t("owner_posts")}
          </Empty>
        }
      />
      <p className="soft">
        {t("seen_in")}{" "}
        <Link className="underlined" to={paths.trialBalance()}>
          {t("trial_balance")}
        </Link>
      </p>
      <Panel
        title={asked.data?.openings.find(({ id }) => id === show)?.name ?? t("title")}
        open={show !== undefined && show !== "post"}
        onClose={() => change({ show: null })}
        wide
      >
        {show && show !== "post" && <Balances id={show} />}
      </Panel>
      <OpeningPost open={show === "post"} onClose={() => change({ show: null })} />
    </Page>
  );
}

/** What was posted under one name: whose, and how much. */
function Balances({ id }: { id: string }) {
  const { t } = useTranslation("openings");
  const asked = api.useQuery("get", "/v1/openings/{opening_id}", {
    params: { path: { opening_id: id } },
  });
  return (
    <List<Posted>
      name="opening"
      label={t("of")}
      columns={useBalanceColumns()}
      rows={asked.data?.balances}
      keyOf={(row) => `${row.kind} ${row.owner}`}
      asked={asked}
      empty={<Empty title={t("none")} />}
    />
  );
}

function useBalanceColumns(): Column<Posted>[] {
  const { t } = useTranslation("openings");
  return [
    {
      name: "owner",
      title: t("owner"),
      of: (row) => <Link to={OWNERS[row.kind](row.owner)}>{row.owner_name}</Link>,
    },
    { name: "kind", title: t("kind"), of: (row) => t(`kinds.${row.kind}`) },
    {
      name: "amount",
      title: t("amount"),
      figures: true,
      of: (row) => <Money value={row.amount} currency={row.currency} />,
    },
  ];
}

const OWNERS: Readonly<Record<Posted["kind"], (code: string) => string>> = {
  supplier_prepaid: (code) => paths.supplier(code),
  supplier_owed: (code) => paths.supplier(code),
  store_receivable: (code) => paths.store(code),
  customer_owes: (code) => paths.customer(code),
  customer_balance: (code) => paths.customer(code),
};

function useColumns(): Column<Opening>[] {
  const { t } = useTranslation("openings");
  return [
    { name: "name", title: t("name"), of: (row) => row.name },
    { name: "on", title: t("on"), of: (row) => row.posted_on },
    {
      name: "balances",
      title: t("count"),
      figures: true,
      of: (row) => <Count value={row.balances} />,
    },
    { name: "at", title: t("at"), of: (row) => <Time at={row.posted_at} exact /> },
  ];
}
