import { keepPreviousData } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import { useOwners } from "./owners";

type Line = components["schemas"]["StatementLine"];
type Account = components["schemas"]["AccountShape"];

/** What moved an account lately, and what stood in it after each transfer. */
export default function AccountStatement() {
  const { t } = useTranslation("finance");
  const { id = "" } = useParams();
  const [query] = useUrl({ after: text });
  const asked = api.useQuery(
    "get",
    "/v1/accounts/{account_id}/transfers",
    { params: { path: { account_id: id }, query } },
    { placeholderData: keepPreviousData },
  );
  const account = asked.data?.account;
  const kind = account && t(`account.${account.kind}` as never, { defaultValue: account.kind });
  return (
    <Page
      title={kind ? `${t("statement.title")} · ${kind}` : t("statement.title")}
      about={<Link to={paths.trialBalance()}>{t("statement.back")}</Link>}
    >
      <List<Line>
        name="statement"
        label={t("statement.label")}
        columns={useColumns(account, asked.data?.transfers ?? [])}
        rows={asked.data?.transfers}
        keyOf={(row) => row.id}
        asked={asked}
        cursor={{ name: "after", at: query.after, next: asked.data?.next }}
        filters={
          asked.data && (
            <span className="figures">
              {t("statement.opening", {
                amount: formatMoney(asked.data.opening, account?.currency),
              })}
            </span>
          )
        }
        empty={<Empty title={t("statement.empty")} />}
      />
    </Page>
  );
}

function useColumns(account: Account | undefined, lines: readonly Line[]): Column<Line>[] {
  const { t } = useTranslation("finance");
  const owners = useOwners(lines.flatMap(({ debit, credit }) => [debit, credit]));
  const debits = (row: Line) =>
    row.debit.kind === account?.kind && row.debit.owner_id === account.owner_id;
  const other = (row: Line) => (debits(row) ? row.credit : row.debit);
  return [
    {
      name: "posted_at",
      title: t("statement.posted_at"),
      of: (row) => <Time at={row.posted_at} exact />,
    },
    {
      name: "other",
      title: t("statement.other"),
      of: (row) => {
        const { kind, owner_id } = other(row);
        const name = t(`account.${kind}` as never, { defaultValue: kind });
        const whose = owner_id && owners.get(owner_id);
        return whose ? `${name} · ${whose}` : name;
      },
    },
    {
      name: "reason",
      title: t("statement.reason"),
      of: (row) => t(`reason.${row.reason}` as never, { defaultValue: row.reason }),
    },
    {
      name: "debit",
      title: t("statement.debit"),
      figures: true,
      of: (row) => debits(row) && <Money value={row.amount} currency={row.currency} />,
    },
    {
      name: "credit",
      title: t("statement.credit"),
      figures: true,
      of: (row) => !debits(row) && <Money value={row.amount} currency={row.currency} />,
    },
    {
      name: "balance",
      title: t("statement.balance"),
      figures: true,
      of: (row) => <Money value={row.balance} currency={row.currency} />,
    },
  ];
}
