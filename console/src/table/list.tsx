import { ReloadOutlined } from "@ant-design/icons";
import { Button, Grid, Skeleton, Table, type TableColumnType, type TableProps } from "antd";
import type { TFunction } from "i18next";
import { type Key, type ReactNode, type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { Empty } from "@/ui/empty";
import { useKeys } from "@/ui/keys";
import { ProblemNote } from "@/ui/problem";
import { formatCount } from "@/util/money";
import { ColumnChoice } from "./column-choice";
import { type Column, useChosenColumns } from "./columns";
import { Pages } from "./pages";
import { RowCard } from "./row-card";
import { SortChoice } from "./sort-choice";
import { useSteadyWidths } from "./steady";
import type { Change } from "./url";

/** The part of a query's state that a list shows. */
export interface Asked {
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

export interface ListProps<Row extends object> {
  /** Under which the choice of columns is kept. */
  name: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  keyOf: (row: Row) => string;
  asked: Asked;
  /** Said in a whole sentence to who can't see the table. */
  label: string;
  /** Filters, at the left of the bar. */
  filters?: ReactNode;
  /** Whether any condition narrows the list: "nothing matches" instead of "nothing yet". */
  filtered?: boolean;
  onClear?: () => void;
  /** What is shown where there is nothing yet: teach the first step. */
  empty: ReactNode;
  /** How many there are in all, where the server says so. */
  total?: number | null | undefined;
  /** There are more than `total`: nobody counted further. */
  more?: boolean | undefined;
  /** Pages: the parameter of the cursor, where we are, and the next page's. */
  cursor?: { name: "after" | "before"; at: string | undefined; next: string | null | undefined };
  /** Sorting, kept in the URL as `sort=name` or `sort=-name`. */
  sort?: string | undefined;
  change?: Change;
  /** Column names that the server can sort by. */
  sorts?: readonly string[];
  /** The address of a row's details: its first cell becomes the link. */
  linkOf?: (row: Row) => string;
  /** The key of the row whose details are open. */
  opened?: string | undefined;
  /** Rows can be chosen, for what is done to many at once. */
  chosen?: { keys: readonly string[]; choose: (keys: string[], rows: Row[]) => void };
  /** What can be done with the chosen rows. */
  bulk?: ReactNode;
}

/** A table of the server's rows: dense, with its conditions in the URL and a row's own link. */
export function List<Row extends object>(props: ListProps<Row>) {
  const { t } = useTranslation("shell");
  const { columns, rows, asked, cursor, opened, chosen } = props;
  const { shown, choose } = useChosenColumns(props.name, columns);
  const box = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  useKeys({ j: () => step(box.current, 1), k: () => step(box.current, -1) });
  const whole = !cursor || (!cursor.at && !cursor.next);
  const { steady, marks, drawn, cards, sortable } = useDrawnColumns(props, shown, whole, box);
  const sorted = sortedRows(rows, columns, whole && !props.sorts ? props.sort : undefined);
  const failed = asked.error !== null && rows === undefined;
  return (
    <section className="list" ref={box} aria-label={props.label} aria-busy={asked.isFetching}>
      <div className="list-bar">
        {props.filters}
        {props.filtered && props.onClear && (
          <Button type="link" onClick={props.onClear}>
            {t("do.clear_filters")}
          </Button>
        )}
        {cards && sortable.length > 0 && sorted.length > 1 && props.change && (
          <SortChoice
            columns={sortable}
            sort={props.sort}
            choose={(sort) => props.change?.({ sort })}
          />
        )}
        <span className="spring" />
        {chosen && chosen.keys.length > 0 && (
          <span>{t("table.chosen", { count: chosen.keys.length })}</span>
        )}
        {chosen && chosen.keys.length > 0 && props.bulk}
        <Button
          icon={<ReloadOutlined spin={asked.isFetching} />}
          aria-label={t("do.refresh")}
          title={t("do.refresh")}
          onClick={() => asked.refetch()}
        />
        <ColumnChoice columns={columns} shown={shown} choose={choose} />
      </div>
      {asked.error !== null && (
        <div className="list-note">
          <ProblemNote error={asked.error} again={() => asked.refetch()} />
        </div>
      )}
      {asked.isPending && (
        <div className="list-note">
          <Skeleton active title={false} paragraph={{ rows: 10, width: "100%" }} />
        </div>
      )}
      {!asked.isPending && !failed && (
        <Table<Row>
          size="small"
          columns={drawn}
          dataSource={sorted as Row[]}
          rowKey={props.keyOf}
          pagination={false}
          sticky={{ offsetHeader: 48 }}
          showHeader={sorted.length > 0 && !(cards && !chosen)}
          scroll={sorted.length > 0 && !cards ? { x: steady ?? "max-content" } : {}}
          {...(steady ? { tableLayout: "fixed" } : {})}
          showSorterTooltip={false}
          {...(chosen ? { rowSelection: { ...selectionOf(chosen, t), ...marks } } : {})}
          onRow={(row) => ({
            ...({ "data-opened": opened === props.keyOf(row) } as object),
            onClick: (event) => {
              if (props.linkOf && isBare(event.target)) navigate(props.linkOf(row));
            },
            style: props.linkOf ? { cursor: "pointer" } : {},
          })}
          onChange={(_, __, sorter) => {
            const by = Array.isArray(sorter) ? sorter[0] : sorter;
            const name = by?.order ? String(by.columnKey) : "";
            props.change?.({ sort: name && (by?.order === "descend" ? `-${name}` : name) });
          }}
          locale={{
            emptyText: props.filtered ? <NothingFound clear={props.onClear} /> : props.empty,
          }}
        />
      )}
      {rows !== undefined && rows.length > 0 && (
        <div className="list-foot">
          <span role="status">
            {props.total !== undefined && props.total !== null
              ? t(props.more ? "table.more" : "table.total", { total: formatCount(props.total) })
              : t(whole ? "table.shown_all" : "table.shown", { count: rows.length })}
          </span>
          <span className="spring" />
          {cursor && <Pages cursor={cursor} />}
        </div>
      )}
    </section>
  );
}

function NothingFound({ clear }: { clear: (() => void) | undefined }) {
  const { t } = useTranslation("shell");
  return (
    <Empty
      title={t("table.nothing_found")}
      act={clear && <Button onClick={clear}>{t("do.clear_filters")}</Button>}
    >
      {t("table.nothing_found_hint")}
    </Empty>
  );
}

const NOWHERE: RefObject<HTMLElement | null> = { current: null };

/** The columns as they are drawn, each as wide as it was: how wide they are together, and all. */
function useDrawnColumns<Row extends object>(
  props: ListProps<Row>,
  shown: readonly string[],
  whole: boolean,
  box: RefObject<HTMLElement | null>,
) {
  const { i18n } = useTranslation();
  const { sorts } = props;
  const chosen = props.columns.filter((column) => shown.includes(column.name));
  const sortable = chosen.filter((column) =>
    sorts ? sorts.includes(column.name) : whole && column.compare !== undefined,
  );
  const cards = Grid.useBreakpoint().sm === false && chosen.length > 1;
  const columns = cards ? asCards(props, chosen) : drawnColumns(props, chosen, sortable);
  const marked = props.chosen ? 1 : 0; // the marks are the first column
  const names = columns.map((column) => column.key).join();
  const of = `${i18n.language} ${marked} ${names}`;
  const widths = useSteadyWidths(cards ? NOWHERE : box, of, marked);
  if (cards || widths?.length !== columns.length + marked) {
    return { drawn: columns, cards, sortable };
  }
  return {
    cards,
    sortable,
    steady: widths.reduce((sum, width) => sum + width, 0),
    marks: { columnWidth: widths[0] ?? 0 },
    drawn: columns.map((column, place) => ({ ...column, width: widths[place + marked] ?? 0 })),
  };
}

function drawnColumns<Row extends object>(
  { sort, linkOf }: ListProps<Row>,
  chosen: readonly Column<Row>[],
  sortable: readonly Column<Row>[],
): TableColumnType<Row>[] {
  return chosen.map((column, place) => ({
    key: column.name,
    title: column.title,
    render: (_: unknown, row: Row) =>
      place === 0 ? <First column={column} row={row} linkOf={linkOf} /> : column.of(row),
    ...(column.width ? { width: column.width } : {}),
    ...(column.figures ? { align: "right" as const, className: "figures" } : {}),
    ...(sortable.includes(column) ? { sorter: true, sortOrder: orderOf(sort, column.name) } : {}),
  }));
}

/** All columns in one, for a phone. */
function asCards<Row extends object>(
  { linkOf }: ListProps<Row>,
  chosen: readonly Column<Row>[],
): TableColumnType<Row>[] {
  const [first] = chosen;
  if (first === undefined) return [];
  const head = (row: Row) => <First column={first} row={row} linkOf={linkOf} />;
  return [
    {
      key: first.name,
      title: first.title,
      render: (_: unknown, row: Row) => <RowCard row={row} columns={chosen} head={head(row)} />,
    },
  ];
}

/** The first column, which is the row's link where it has one. */
function First<Row extends object>({
  column,
  row,
  linkOf,
}: {
  column: Column<Row>;
  row: Row;
  linkOf: ((row: Row) => string) | undefined;
}) {
  if (linkOf === undefined) return column.of(row);
  return (
    <Link to={linkOf(row)} data-row-link>
      {column.of(row)}
    </Link>
  );
}

function orderOf(sort: string | undefined, name: string): "ascend" | "descend" | null {
  if (sort === name) return "ascend";
  return sort === `-${name}` ? "descend" : null;
}

function sortedRows<Row>(
  rows: readonly Row[] | undefined,
  columns: readonly Column<Row>[],
  sort: string | undefined,
): readonly Row[] {
  if (rows === undefined) return [];
  const falling = sort?.startsWith("-");
  const compare = columns.find((column) => column.name === sort?.replace(/^-/, ""))?.compare;
  if (compare === undefined) return rows;
  return rows.toSorted((one, other) => (falling ? compare(other, one) : compare(one, other)));
}

function selectionOf<Row extends object>(
  chosen: NonNullable<ListProps<Row>["chosen"]>,
  t: TFunction<"shell">,
): NonNullable<TableProps<Row>["rowSelection"]> {
  return {
    selectedRowKeys: [...chosen.keys],
    onChange: (keys: Key[], rows: Row[]) => chosen.choose(keys.map(String), rows),
    preserveSelectedRowKeys: false,
    // The library's own labels are English everywhere.
    getTitleCheckboxProps: () => ({ "aria-label": t("table.choose_all") }),
    getCheckboxProps: () => ({ "aria-label": t("table.choose_row") }) as object,
  };
}

/** A click on the row itself, not on something in it that has its own meaning. */
function isBare(target: EventTarget): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("a, button, input, label, [role=button]") === null;
}

/** Move to the next row's link, or the one before; Enter opens it, as with any link. */
function step(box: HTMLElement | null, by: number): void {
  const links = [...(box?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.max(0, Math.min(next, links.length - 1))]?.focus();
}
