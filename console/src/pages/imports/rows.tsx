import { Button, Input, Skeleton, Table, type TableColumnType } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNote } from "@/ui/problem";
import { type Kind, rolesOf } from "./classes";
import type { Report, RowRead, RowsRead } from "./send";

/** Rows as they are being put right: row → its cells; none: it is left out. */
export type Drafts = ReadonlyMap<number, readonly string[]>;

const PAGE = 10;
const COLUMNS_MAX = 8;

/** The rows of a kind as the file has them, to be put right where that makes sense. */
export function Rows({
  kind,
  report,
  ask,
  drafts,
  draft,
  apply,
}: {
  kind: Kind;
  report: Report;
  ask: (kind: Kind, signal: AbortSignal) => Promise<RowsRead | undefined>;
  drafts: Drafts;
  /** Keep what a row should read; undefined: as the file has it. */
  draft: (row: number, cells: readonly string[] | undefined) => void;
  apply: () => void;
}) {
  const { t } = useTranslation("imports");
  const [read, setRead] = useState<RowsRead | null>(null);
  const [error, setError] = useState<unknown>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew for each preview
  useEffect(() => {
    const given = new AbortController();
    setError(null);
    ask(kind, given.signal).then(
      (rows) => !given.signal.aborted && setRead(rows ?? null),
      (refused: unknown) => !given.signal.aborted && setError(refused),
    );
    return () => given.abort();
  }, [kind.name, report]);
  if (error) return <ProblemNote error={error} />;
  if (read === null) return <Skeleton active title={false} paragraph={{ rows: 3 }} />;
  if (read.rows.length === 0) return <p className="soft">{t("preview.none")}</p>;
  const mends = kind.tone !== "idle" && kind.name !== "accepted";
  return (
    <>
      <Table<RowRead>
        size="small"
        rowKey={(row) => row.row}
        dataSource={read.rows as RowRead[]}
        columns={columnsOf({ kind, report, read, drafts, draft, apply, mends, t })}
        pagination={read.rows.length > PAGE ? { pageSize: PAGE, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        onRow={(row) => ({ "data-left-out": drafts.get(row.row)?.length === 0 }) as object}
      />
      {!read.complete && kind.name !== "accepted" && (
        <p className="soft import-note">{t("preview.shown", { count: read.rows.length })}</p>
      )}
      {mends && <p className="soft import-note">{t("preview.change")}</p>}
    </>
  );
}

type T = ReturnType<typeof useTranslation<"imports">>["t"];

function columnsOf({
  kind,
  report,
  read,
  drafts,
  draft,
  apply,
  mends,
  t,
}: {
  kind: Kind;
  report: Report;
  read: RowsRead;
  drafts: Drafts;
  draft: (row: number, cells: readonly string[] | undefined) => void;
  apply: () => void;
  mends: boolean;
  t: T;
}): TableColumnType<RowRead>[] {
  const roles = rolesOf(report.recognised);
  const widest = Math.max(1, ...read.rows.map((row) => row.cells.length));
  const known = roles.some((column) => column.role);
  const columns: TableColumnType<RowRead>[] = [
    {
      key: "row",
      title: t("preview.row"),
      className: "figures",
      width: 64,
      render: (_, row) => row.row,
    },
  ];
  for (let place = 0; place < Math.min(widest, COLUMNS_MAX); place += 1) {
    const title = columnName(roles[place], place, t);
    columns.push({
      key: `cell${place}`,
      title,
      render: (_, row) => {
        const now = drafts.get(row.row) ?? row.cells;
        // What isn't read needs no correction: a number of the row, a remark.
        if (!mends || now.length === 0 || (known && !roles[place]?.role)) {
          return <span className="code import-cell">{row.cells[place] ?? ""}</span>;
        }
        return (
          <Input
            className="code"
            size="small"
            aria-label={t("preview.cell", { row: row.row, column: title })}
            value={now[place] ?? ""}
            autoComplete="off"
            spellCheck={false}
            style={{ minWidth: 120 }}
            onChange={({ target }) => {
              const cells = Array.from(
                { length: Math.max(row.cells.length, place + 1) },
                (_, at) => (at === place ? target.value : (now[at] ?? "")),
              );
              draft(row.row, cells);
            }}
            onPressEnter={apply}
          />
        );
      },
    });
  }
  if (kind.name === "duplicate_in_file") {
    columns.push({
      key: "first",
      title: t("preview.reason"),
      render: (_, row) => row.first_row !== null && t("preview.first", { row: row.first_row }),
    });
  }
  if (mends) {
    columns.push({
      key: "acts",
      title: "",
      align: "right",
      render: (_, row) =>
        drafts.get(row.row)?.length === 0 ? (
          <Button size="small" onClick={() => draft(row.row, undefined)}>
            {t("preview.take_back")}
          </Button>
        ) : (
          <Button size="small" onClick={() => draft(row.row, [])}>
            {t("preview.leave_out")}
          </Button>
        ),
    });
  }
  return columns;
}

/** What a column is called: its role, or its own name, or its place. */
export function columnName(
  column: { role: string | undefined; name: string } | undefined,
  place: number,
  t: T,
): string {
  if (column?.role) return t(`preview.columns.${column.role}` as never);
  return column?.name || t("preview.columns.other", { place: place + 1 });
}
