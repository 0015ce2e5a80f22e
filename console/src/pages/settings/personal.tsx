import "@/theme/settings.css";
import { Alert, Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { PersonalAct, type PersonalDeed } from "@/forms/personal-act";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";

type Row = components["schemas"]["PersonalShown"];
type By = components["schemas"]["PersonAsked"]["by"];

const WAYS: readonly By[] = ["order", "buyer", "account"];
const KEPT = ["buyer", "account", "mask", "reveal", "order"] as const;

/**
 * What is kept of a buyer: found, given to them, erased. Who is looked for is nowhere but in this
 * page's memory: not in the address, not in any storage.
 */
export default function Personal() {
  const { t } = useTranslation("personal");
  const [by, setBy] = useState<By>("order");
  const [written, setWritten] = useState("");
  const [looking, setLooking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [deed, setDeed] = useState<PersonalDeed | null>(null);
  const columns = useColumns();
  const look = async () => {
    const q = written.trim();
    if (!q) return;
    setLooking(true);
    setError(null);
    setChosen([]); // now, not when the answer is there: what is chosen meanwhile stays chosen
    try {
      const { data } = await http.POST("/v1/personal-data/find", { body: { by, q } });
      setRows(data?.orders ?? []);
    } catch (refused) {
      setError(refused);
    } finally {
      setLooking(false);
    }
  };
  const picked = (rows ?? []).filter((row) => chosen.includes(row.id));
  const begin = (does: PersonalDeed["does"]) =>
    setDeed({ does, rows: picked.filter((row) => row.can.includes(does)) });
  return (
    <Page title={t("title")} about={t("about")}>
      <div className="personal">
        <div className="part personal-ask">
          <Segmented<By>
            value={by}
            aria-label={t("by_what")}
            onChange={setBy}
            options={WAYS.map((way) => ({ value: way, label: t(`by.${way}`) }))}
          />
          <Input.Search
            aria-label={t(`by.${by}`)}
            placeholder={t(`hint.${by}`)}
            value={written}
            maxLength={200}
            autoComplete="off"
            enterButton={t("find")}
            loading={looking}
            onChange={(event) => setWritten(event.target.value)}
            onSearch={() => void look()}
            style={{ maxWidth: 480 }}
          />
        </div>
        <ProblemNote error={error} again={() => void look()} />
        {rows && by === "account" && rows.length > 0 && (
          <Alert type="info" showIcon title={t("maybe")} />
        )}
        {rows && (
          <List<Row>
            name="personal"
            label={t("label")}
            columns={columns}
            rows={rows}
            keyOf={(row) => row.id}
            asked={{ isPending: false, isFetching: looking, error: null, refetch: look }}
            total={rows.length}
            chosen={{ keys: chosen, choose: setChosen }}
            bulk={
              <>
                <Button onClick={() => begin("export")}>{t("export.verb")}</Button>
                <Button danger onClick={() => begin("erase")}>
                  {t("erase.verb")}
                </Button>
              </>
            }
            empty={<Empty title={t("nothing")}>{t("nothing_hint")}</Empty>}
          />
        )}
        <KeptNote />
      </div>
      <PersonalAct
        deed={deed}
        onClose={() => setDeed(null)}
        onDone={() => {
          setDeed(null);
          void look();
        }}
      />
    </Page>
  );
}

/** What is kept of buyers at all, until when, and why: the answer to most questions. */
function KeptNote() {
  const { t } = useTranslation("personal");
  return (
    <details className="part">
      <summary>{t("kept.title")}</summary>
      <div className="guide-wide guide">
        <table>
          <thead>
            <tr>
              <th>{t("kept.what")}</th>
              <th>{t("kept.until")}</th>
              <th>{t("kept.erased")}</th>
            </tr>
          </thead>
          <tbody>
            {KEPT.map((what) => (
              <tr key={what}>
                <td>{t(`kept.${what}.what`)}</td>
                <td>{t(`kept.${what}.until`)}</td>
                <td>{t(`kept.${what}.erased`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="soft">{t("kept.not")}</p>
    </details>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation("personal");
  return [
    {
      name: "number",
      title: t("columns.number"),
      of: (row) =>
        row.order_id ? <Link to={paths.order(row.order_id)}>{row.number}</Link> : row.number,
    },
    { name: "store", title: t("columns.store"), of: (row) => row.store },
    { name: "at", title: t("columns.at"), of: (row) => <Time at={row.at} exact /> },
    { name: "buyer", title: t("columns.buyer"), of: (row) => row.buyer || <Nothing row={row} /> },
    {
      name: "accounts",
      title: t("columns.accounts"),
      of: (row) => <span className="code">{row.accounts.join(" · ")}</span>,
    },
    {
      name: "until",
      title: t("columns.until"),
      of: (row) =>
        row.account_until && (row.over ? <Time at={row.account_until} exact /> : t("while_open")),
    },
    {
      name: "state",
      title: t("columns.state"),
      of: (row) =>
        row.erased_at ? (
          <>
            {t("erased")} <Time at={row.erased_at} />
          </>
        ) : (
          t(row.over ? "over" : "open")
        ),
    },
  ];
}

function Nothing({ row }: { row: Row }) {
  const { t } = useTranslation("personal");
  return <span className="soft">{row.erased_at ? t("erased") : t("none")}</span>;
}
