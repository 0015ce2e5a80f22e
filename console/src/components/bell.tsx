import { BellOutlined } from "@ant-design/icons";
import { Badge, Button, Popover } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMay } from "@/api/me";
import { type Preferences, usePreferences } from "@/api/preferences";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import { ProblemNote } from "@/ui/problem";
import { setTitleMark } from "@/ui/title";
import { formatCount } from "@/util/money";
import { SEES_DESK, useDeskCounts } from "./desk-mark";

type Count = components["schemas"]["CountShown"];

const TICK = "desk:"; // "desk:short_line:12": so many had been seen

/** What concerns the reader: what waits by kind, and what came since they looked. */
export function Bell() {
  const { t } = useTranslation("shell");
  const may = useMay();
  const asked = useDeskCounts();
  const counts = asked.data;
  const [open, setOpen] = useState(false);
  const { news, look } = useNews(counts?.counts);
  const urgent = counts ? counts.overdue + counts.soon : 0;
  useEffect(() => setTitleMark(urgent), [urgent]);
  if (!may(SEES_DESK)) return null;
  const sum = [...news.values()].reduce((all, each) => all + each, 0);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("bell.title")}
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (!next) look();
      }}
      content={
        <>
          <ProblemNote error={asked.error} again={() => void asked.refetch()} />
          {counts && (
            <Waiting
              counts={counts.counts}
              news={news}
              onLeave={() => {
                setOpen(false);
                look();
              }}
            />
          )}
        </>
      }
    >
      <Button
        type="text"
        aria-label={sum > 0 ? t("bell.new", { count: sum }) : t("bell.title")}
        aria-expanded={open}
        icon={
          <Badge dot={sum > 0} offset={[-2, 2]}>
            <BellOutlined />
          </Badge>
        }
      />
    </Popover>
  );
}

function Waiting({
  counts,
  news,
  onLeave,
}: {
  counts: readonly Count[];
  news: ReadonlyMap<string, number>;
  onLeave: () => void;
}) {
  const { t } = useTranslation("shell");
  // First what is late, then what is new, then the rest.
  const weight = (each: Count) =>
    (each.overdue + each.soon > 0 ? 2 : 0) + (news.has(each.kind) ? 1 : 0);
  const sorted = counts.toSorted((one, other) => weight(other) - weight(one));
  if (sorted.length === 0) return <p className="soft">{t("bell.none")}</p>;
  return (
    <ul className="bell">
      {sorted.map((each) => (
        <li key={each.kind}>
          <Link to={paths.desk({ kind: each.kind })} onClick={onLeave}>
            <Word of="matter" value={each.kind} />
          </Link>
          <span className="figures">{formatCount(each.count)}</span>
          {each.overdue + each.soon > 0 && (
            <span className="alarm">{t("desk.urgent", { count: each.overdue + each.soon })}</span>
          )}
          {news.has(each.kind) && (
            <span className="soft">{t("bell.more", { count: news.get(each.kind) ?? 0 })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/**
 * How many of each kind came since somebody looked, on whatever machine: the counts they saw are
 * kept with their preferences. Where some were solved meanwhile, fewer had been seen.
 */
function useNews(counts: readonly Count[] | undefined): {
  news: ReadonlyMap<string, number>;
  look: () => void;
} {
  const [preferences, keep] = usePreferences();
  const [least, setLeast] = useState<ReadonlyMap<string, number>>(new Map());
  const kept = preferences.ticks ?? [];
  const seen = seenOf(kept);
  useEffect(() => {
    if (counts === undefined) return;
    const now = new Map(counts.map((each) => [each.kind as string, each.count]));
    setLeast((before) => lowered(before, seenOf(kept), now));
  }, [counts, kept]);
  const news = new Map<string, number>();
  for (const { kind, count } of counts ?? []) {
    const known = Math.min(seen.get(kind) ?? 0, least.get(kind) ?? Number.POSITIVE_INFINITY);
    if (count > known) news.set(kind, count - known);
  }
  const look = () => {
    if (counts === undefined || news.size === 0) return;
    setLeast(new Map());
    keep((before: Preferences) => ({
      ...before,
      ticks: [
        ...(before.ticks ?? []).filter((tick) => !tick.startsWith(TICK)),
        ...counts.map(({ kind, count }) => `${TICK}${kind}:${count}`),
      ],
    }));
  };
  return { news, look };
}

function seenOf(ticks: readonly string[]): Map<string, number> {
  return new Map(
    ticks
      .filter((tick) => tick.startsWith(TICK))
      .map((tick): [string, number] => {
        const [, kind = "", count = "0"] = tick.split(":");
        return [kind, Number(count)];
      }),
  );
}

/** The fewest there were of each kind since it was looked at. */
function lowered(
  before: ReadonlyMap<string, number>,
  seen: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const next = new Map(before);
  for (const [kind, count] of seen) {
    next.set(kind, Math.min(count, before.get(kind) ?? count, now.get(kind) ?? 0));
  }
  const same = next.size === before.size && [...next].every(([k, v]) => before.get(k) === v);
  return same ? before : next;
}
