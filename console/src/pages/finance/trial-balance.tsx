import { keepPreviousData } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { type Reader, text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Moment } from "@/ui/moment";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { compareMoney } from "@/util/money";
import { useOwners } from "./owners";

type Account = components["schemas"]["AccountBalance"];

const MOMENT: Reader<string> = (written) =>
  Number.isNaN(Date.parse(written)) ? undefined : written;
const QUERY = { at: MOMENT, sort: text };

/** Every account at a moment, and whether the books balance then. */
export default function TrialBalance() {
  const { t } = useTranslation("finance");
  const [{ at, sort }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/trial-balance",
    { params: { query: at ? { at } : {} } },
    { placeholderData: keepPreviousData },
  );
  const sheet = asked.data;
  const moment = (
    <>
      <Moment label={t("books.at")} value={at} onChange={(moment) => change({ at: moment })} />
      <Button onClick={() => change({ at: null })}>{t("books.now")}</Button>
    </>
  );
  return (
    <Page title={t("books.title")} about={t("books.about")}>
      {sheet && (
        <div style={{ display: "grid", gap: 8, marginBottom: 12 }} role="status">
          {sheet.totals.map((total) => {
            const equal = compareMoney(total.debit, total.credit) === 0;
            return (
              <Alert
                key={total.currency}
                showIcon
                type={equal ? "success" : "error"}
                title={t(equal ? "books.balanced" : "books.unbalanced", {
                  currency: total.currency,
                })}
                description={
                  <>
                    {t("books.debit")} <Money value={total.debit} currency={total.currency} /> ·{" "}
                    {t("books.credit")} <Money value={total.credit} currency={total.currency} /> ·{" "}
                    <Time at={sheet.at} exact />{" "}
                    {t(sheet.final ? "books.final" : "books.not_final")}
                  </>
                }
              />
            );
          })}
        </div>
      )}
      <List<Account>
        name="trial-balance"
        label={t("books.label")}
        columns={useColumns(sheet?.accounts ?? [])}
        rows={sheet?.accounts}
        keyOf={(row) => row.account_id}
        asked={asked}
        sort={sort}
        change={change}
        filters={moment}
        linkOf={(row) => paths.accountStatement(row.account_id)}
        empty={<Empty title={t("books.empty")}>{t("books.empty_hint")}</Empty>}
      />
    </Page>
  );
}

function useColumns(accounts: readonly Account[]): Column<Account>[] {
  const { t } = useTranslation("finance");
  const owners = useOwners(accounts);
  return [
    {
      name: "account",
      title: t("books.account"),
      of: (row) => t(`account.${row.kind}` as never, { defaultValue: row.kind }),
      compare: (one, other) => one.kind.localeCompare(other.kind),
    },
    {
      name: "owner",
      title: t("books.owner"),
      of: (row) => row.owner_id && (owners.get(row.owner_id) ?? <Short id={row.owner_id} />),
    },
    ...(["debit", "credit", "balance"] as const).map(
      (name): Column<Account> => ({
        name,
        title: t(`books.${name}`),
        figures: true,
        of: (row) => <Money value={row[name]} currency={row.currency} />,
        compare: (one, other) => compareMoney(one[name], other[name]),
      }),
    ),
  ];
}

function Short({ id }: { id: string }) {
  return <span className="code">{id.slice(-8)}</span>;
}
