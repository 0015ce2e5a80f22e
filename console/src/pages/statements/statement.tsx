import { Alert, Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { FindingResolve } from "@/forms/finding-resolve";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { flag, oneOf, text, useUrl } from "@/table/url";
import { useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { e4, formatCount, fromE4 } from "@/util/money";
import { useColumns } from "./columns";
import { FindingPanel } from "./finding-panel";
import { counted, daysOf, type Finding, type Statement, summed } from "./things";

const PAGE = 100;
const NARROW = ["total", "difference", "left"]; // what a phone has room for

/** One statement: what agrees, what doesn't, and how each difference is settled by a posting. */
export default function StatementPage() {
  const { t } = useTranslation("statements");
  const { t: shell } = useTranslation("shell");
  const { id = "" } = useParams();
  const navigate = useNavigate();
  const zone = useMe().tenant.timezone;
  const [{ kind, open, after, show, form }, change] = useUrl(
    {
      kind: oneOf("missing", "extra", "different", "duplicated"),
      open: flag,
      after: text,
      show: text,
      form: oneOf("resolve"),
    },
    { stays: ["show", "form"] },
  );
  const path = { statement_id: id };
  const asked = api.useQuery("get", "/v1/statements/{statement_id}", { params: { path } });
  const query = {
    limit: PAGE,
    ...(kind ? { kind } : {}),
    ...(open ? { open } : {}),
    ...(after ? { after } : {}),
  };
  const found = api.useQuery("get", "/v1/statements/{statement_id}/findings", {
    params: { path, query },
  });
  const statement = asked.data;
  const rows = found.data?.findings;
  const finding = rows?.find((row) => row.id === show);
  const narrowed = { ...(kind ? { kind } : {}), ...(open ? { open: "true" } : {}) };
  const shown = statement?.tallies.filter((tally) => kind === undefined || tally.kind === kind);
  const sums = counted(shown ?? []);
  return (
    <Page
      title={statement ? t("one.title", { supplier: statement.supplier_name }) : t("title")}
      about={statement && <span className="figures">{daysOf(statement, zone)}</span>}
      acts={<Button onClick={() => navigate(paths.statements())}>{shell("do.back")}</Button>}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {statement && (
        <>
          <Sums statement={statement} />
          <div style={{ margin: "12px 0" }}>
            <Part title={t("one.tallies")}>
              <Tallies statement={statement} />
            </Part>
          </div>
        </>
      )}
      <List<Finding>
        name="findings"
        label={t("one.label")}
        rows={rows}
        keyOf={(row) => row.id ?? ""}
        asked={found}
        change={change}
        total={statement && (open ? sums.open : sums.total)}
        cursor={{ name: "after", at: after, next: found.data?.next_after }}
        opened={show}
        linkOf={(row) => paths.supplierStatement(id, { ...narrowed, show: row.id ?? "" })}
        filtered={kind !== undefined || open !== undefined}
        onClear={() => change({ kind: null, open: null })}
        filters={
          <>
            <Choice
              label={t("one.kind")}
              value={kind}
              choices={useChoices("finding")}
              onChange={(chosen) => change({ kind: chosen })}
            />
            <Choice
              label={t("one.only")}
              value={open ? "true" : undefined}
              choices={[{ value: "true", label: t("one.only_open") }]}
              onChange={(chosen) => change({ open: chosen })}
            />
          </>
        }
        columns={useColumns((finding_id) => change({ show: finding_id, form: "resolve" }))}
        empty={<Empty title={t("agrees")}>{t("agrees_hint")}</Empty>}
      />
      <FindingPanel
        finding={form === "resolve" ? undefined : finding}
        onClose={() => change({ show: null, form: null })}
        onResolve={() => change({ form: "resolve" })}
      />
      {finding && (
        <FindingResolve
          finding={finding}
          supplier={statement?.supplier_name ?? ""}
          open={form === "resolve"}
          onClose={() => change({ show: null, form: null })}
        />
      )}
    </Page>
  );
}

/** What they say in all, and what of it doesn't agree. */
function Sums({ statement }: { statement: Statement }) {
  const { t } = useTranslation("statements");
  const { total, open, asked } = counted(statement.tallies);
  const net = fromE4(e4(statement.charged) - e4(statement.refunded));
  return (
    <>
      <div className="figures-strip">
        <Figure
          name={t("one.net")}
          value={<Money value={net} currency={statement.currency} />}
          note={t("one.net_note", { lines: formatCount(statement.lines) })}
          means={t("one.net_means")}
        />
        <Figure
          name={t("one.matched")}
          value={<Count value={statement.matched} />}
          note={
            statement.near > 0 ? t("one.near", { near: formatCount(statement.near) }) : undefined
          }
          means={t("one.matched_means")}
        />
        <Figure
          name={t("one.findings")}
          value={<Count value={total} />}
          note={<Word of="timed_by" value={statement.timed_by} />}
        />
        <Figure
          name={t("open")}
          value={<Count value={open} />}
          note={asked > 0 ? t("to_approve", { count: asked }) : undefined}
          alarm={open > 0}
        />
      </div>
      {statement.wrong > 0 && (
        <Alert
          type="warning"
          showIcon
          style={{ marginTop: 12 }}
          title={t("one.wrong", { count: statement.wrong })}
        />
      )}
    </>
  );
}

/** By class: how many, what they come to, what is settled and what isn't; the sums add up. */
function Tallies({ statement: { tallies, currency } }: { statement: Statement }) {
  const { t } = useTranslation("statements");
  const { total, open, asked } = counted(tallies);
  if (tallies.length === 0) return <p className="soft">{t("agrees_hint")}</p>;
  const row = (
    name: React.ReactNode,
    of: { total: number; settled: number; asked: number },
    amounts: { difference: string; posted: string; open: string },
  ) => (
    <>
      <th scope="row">{name}</th>
      <td>
        <Count value={of.total} />
      </td>
      <td className="wide-only">
        <Count value={of.settled} />
      </td>
      <td className="wide-only">
        <Count value={of.asked} />
      </td>
      <td>
        <Money value={amounts.difference} currency={currency} />
      </td>
      <td className="wide-only">
        <Money value={amounts.posted} currency={currency} />
      </td>
      <td>
        <Money value={amounts.open} currency={currency} />
      </td>
    </>
  );
  return (
    <div className="purchase-ranking">
      <table className="sums">
        <thead>
          <tr>
            <th scope="col">{t("one.kind")}</th>
            {(["total", "settled", "asked", "difference", "posted", "left"] as const).map(
              (name) => (
                <th
                  key={name}
                  scope="col"
                  className={NARROW.includes(name) ? "sums-end" : "sums-end wide-only"}
                >
                  {t(`one.${name}`)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {tallies.map((tally) => (
            <tr key={tally.kind} className="sums-first">
              {row(<Word of="finding" value={tally.kind} />, tally, tally)}
            </tr>
          ))}
          <tr className="sums-net">
            {row(
              t("one.sum"),
              { total, settled: total - open, asked },
              {
                difference: summed(tallies, "difference"),
                posted: summed(tallies, "posted"),
                open: summed(tallies, "open"),
              },
            )}
          </tr>
        </tbody>
      </table>
      <p className="soft">{t("one.sums_about")}</p>
    </div>
  );
}
