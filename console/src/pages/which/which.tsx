import "@/theme/imports.css";
import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { saveFile } from "@/util/files";
import { formatCount } from "@/util/money";

type Answer = components["schemas"]["WhichAnswer"];
type Row = components["schemas"]["WhichShown"];
type Standing = Row["status"];

const MOST = 5_000;
const OUT: readonly Standing[] = ["allocated", "revealed", "redeemed"];
// What somebody asks first comes first.
const IN_ORDER: readonly Standing[] = [
  ...OUT,
  "sold_elsewhere",
  "reserved",
  "available",
  "frozen",
  "quarantined",
  "void",
  "returned",
  "unknown",
  "repeated",
];

/** "Which of these have gone out?" What is pasted stays in this component's memory. */
export default function Which() {
  const { t } = useTranslation("which");
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<{ of: readonly string[]; said: Answer } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const values = linesOf(text);
  const tooMany = values.length > MOST;
  const ask = async () => {
    setBusy(true);
    setError(null);
    try {
      const { data } = await http.POST("/v1/stock/cards/which", { body: { values } });
      if (data) setAnswer({ of: values, said: data as Answer });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  const clear = () => {
    setText("");
    setAnswer(null);
    setError(null);
  };
  return (
    <Page title={t("title")} about={t("about")}>
      <div className="import-main">
        <Part label={t("paste_label")}>
          <Input.TextArea
            autoFocus
            aria-label={t("paste_label")}
            placeholder={t("paste")}
            className="code"
            rows={answer ? 4 : 10}
            value={text}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setText(target.value)}
          />
          <p className={tooMany ? "alarm import-note" : "soft import-note"}>
            {tooMany ? t("too_many", { count: values.length }) : t("hint")}
          </p>
          <div className="import-head import-note">
            <Button
              type="primary"
              loading={busy}
              disabled={values.length === 0 || tooMany}
              onClick={ask}
            >
              {values.length === 0 ? t("ask_none") : t("ask", { count: values.length })}
            </Button>
            {text !== "" && <Button onClick={clear}>{t("clear")}</Button>}
          </div>
        </Part>
        <ProblemNote error={error} />
        {answer && <Found answer={answer.said} of={answer.of} />}
      </div>
    </Page>
  );
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What was found: how many of each state, and each card's row. */
function Found({ answer, of }: { answer: Answer; of: readonly string[] }) {
  const { t } = useTranslation("which");
  const [only, setOnly] = useState<Standing | null>(null);
  const rows = only === null ? answer.rows : answer.rows.filter((row) => row.status === only);
  const standings = IN_ORDER.filter((each) => answer.counts[each]);
  const out = OUT.reduce((total, each) => total + (answer.counts[each] ?? 0), 0);
  return (
    <Part label={t("result")}>
      <div className="import-head">
        <h2 className="figures">{t("found", { count: answer.rows.length })}</h2>
        <strong className="figures" role="status">
          {t("out", { count: out })}
        </strong>
        <span className="spring" />
        <Download of={of} />
      </div>
      <div className="which-states">
        <Button aria-pressed={only === null} onClick={() => setOnly(null)}>
          {t("all")} {formatCount(answer.rows.length)}
        </Button>
        {standings.map((each) => (
          <Button
            key={each}
            aria-pressed={only === each}
            onClick={() => setOnly(only === each ? null : each)}
          >
            <Badge of="standing" value={each} /> {formatCount(answer.counts[each] ?? 0)}
          </Button>
        ))}
      </div>
      <Table<Row>
        size="small"
        rowKey="row"
        dataSource={rows as Row[]}
        scroll={{ x: "max-content" }}
        pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
        columns={useColumns()}
      />
    </Part>
  );
}

function useColumns() {
  const { t } = useTranslation("which");
  return [
    {
      key: "row",
      title: t("row"),
      className: "figures",
      render: (_: unknown, row: Row) => row.row,
    },
    {
      key: "status",
      title: t("standing"),
      render: (_: unknown, row: Row) => <Badge of="standing" value={row.status} />,
    },
    {
      key: "tail",
      title: t("tail"),
      render: (_: unknown, row: Row) =>
        row.card_id ? (
          <Link className="code" to={paths.cards({ show: row.card_id })}>
            {row.tail}
          </Link>
        ) : null,
    },
    {
      key: "sku",
      title: t("sku"),
      render: (_: unknown, row: Row) =>
        row.sku && (
          <Link className="code" to={paths.skus({ show: row.sku })}>
            {row.sku}
          </Link>
        ),
    },
    {
      key: "order",
      title: t("order"),
      render: (_: unknown, row: Row) =>
        row.order_id && <Link to={paths.order(row.order_id)}>{row.order}</Link>,
    },
    {
      key: "given",
      title: t("given"),
      render: (_: unknown, row: Row) => row.given_at && <Time at={row.given_at} exact />,
    },
    {
      key: "seen",
      title: t("seen"),
      render: (_: unknown, row: Row) => row.seen_at && <Time at={row.seen_at} exact />,
    },
    {
      key: "expires",
      title: t("expires"),
      className: "figures",
      render: (_: unknown, row: Row) => row.expires_on,
    },
  ];
}

/** The result as a file: rows and last digits, no card. */
function Download({ of }: { of: readonly string[] }) {
  const { t } = useTranslation("which");
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const get = async (format: string) => {
    setBusy(true);
    try {
      const { data } = await http.POST("/v1/stock/cards/which", {
        params: { query: { format } },
        body: { values: [...of] },
        parseAs: "blob",
      });
      saveFile(data as unknown as Blob, `cards.${format}`);
      say.done(t("downloaded"));
    } catch (error) {
      say.failed(error);
    } finally {
      setBusy(false);
    }
  };
  const items = [
    { key: "xlsx", label: t("xlsx") },
    { key: "csv", label: t("csv") },
  ];
  return (
    <Dropdown menu={{ items, onClick: ({ key }) => void get(key) }} trigger={["click"]}>
      <Button icon={<DownloadOutlined />} loading={busy}>
        {t("download")}
      </Button>
    </Dropdown>
  );
}
