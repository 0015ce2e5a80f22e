import { keepPreviousData } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { keyOf, type Matter, type MatterKind } from "@/pages/desk/kinds";
import { Left, Who } from "@/pages/desk/left";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import { Figure } from "@/ui/figure";
import { Count } from "@/ui/money";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";

const MOST = 6;
const EVERY_MS = 30_000; // as the desk: what becomes late does so without anything happening

/** The desk's first rows of some kinds, with how many there are of every kind: one question. */
export function useMatters(kinds?: readonly MatterKind[], mine = false) {
  return api.useQuery(
    "get",
    "/v1/desk",
    {
      params: {
        query: { limit: MOST, ...(kinds ? { kind: [...kinds] } : {}), ...(mine ? { mine } : {}) },
      },
    },
    { placeholderData: keepPreviousData, refetchInterval: EVERY_MS },
  );
}

type Asked = ReturnType<typeof useMatters>;

/** How many there are of some kinds, each leading to just these rows. */
export function Kinds({
  asked,
  kinds,
}: {
  asked: Asked;
  kinds: readonly (readonly [MatterKind, "alarm" | "plain"])[];
}) {
  const { t } = useTranslation("home");
  const { t: states } = useTranslation("states");
  const counts = asked.data?.counts;
  return kinds.map(([kind, tone]) => {
    const found = counts?.find((each) => each.kind === kind);
    const count = counts && (found?.count ?? 0);
    return (
      <Figure
        key={kind}
        name={states(`matter.${kind}` as never, { defaultValue: kind })}
        means={t("kinds")}
        at={asked.dataUpdatedAt}
        alarm={tone === "alarm" && (count ?? 0) > 0}
        value={<Count value={count} />}
        note={found && found.overdue > 0 && t("late", { count: found.overdue })}
        to={paths.desk({ kind })}
      />
    );
  });
}

/** What comes first by its deadline: what happened, how long is left, who is on it. */
export function Next({
  asked,
  title,
  means,
  none,
  to,
}: {
  asked: Asked;
  title: string;
  means: string;
  none: string;
  to: string;
}) {
  const { t } = useTranslation("home");
  const rows = asked.data?.rows ?? [];
  const total = asked.data?.total ?? 0;
  return (
    <Part title={title} means={means} at={asked.dataUpdatedAt}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active paragraph={{ rows: MOST }} title={false} />}
      {asked.data && rows.length === 0 && <p className="soft">{none}</p>}
      <ul className="waits">
        {rows.map((row) => (
          <li key={keyOf(row)}>
            <Row row={row} />
          </li>
        ))}
      </ul>
      {total > rows.length && <Link to={to}>{t("all", { count: total })}</Link>}
    </Part>
  );
}

function Row({ row }: { row: Matter }) {
  const called = [row.called, row.store?.name ?? row.supplier?.name ?? row.sku?.name];
  return (
    <>
      <Link to={paths.desk({ kind: row.kind, show: keyOf(row) })} className="waits-main">
        <span className="desk-kind" data-late={row.overdue}>
          <Word of="matter" value={row.kind} />
        </span>{" "}
        {row.what}
      </Link>
      <span className="soft waits-about">{called.filter(Boolean).join(" · ")}</span>
      <Who row={row} />
      <span className="waits-left">
        <Left row={row} />
      </span>
    </>
  );
}
