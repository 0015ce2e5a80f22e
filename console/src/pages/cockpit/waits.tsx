import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useDeskCounts } from "@/components/desk-mark";
import { GROUP_NAMES, GROUPS } from "@/pages/desk/kinds";
import { paths } from "@/paths";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { formatCount } from "@/util/money";

/** What waits for people, by group, what is late first: each leads to its rows. */
export function Waits() {
  const { t } = useTranslation("cockpit");
  const { t: desk } = useTranslation("desk");
  const asked = useDeskCounts();
  const counts = asked.data?.counts ?? [];
  const groups = GROUP_NAMES.map((name) => {
    const kinds: readonly string[] = GROUPS[name];
    const own = counts.filter(({ kind }) => kinds.includes(kind));
    const sum = (of: "count" | "overdue" | "soon") => own.reduce((all, each) => all + each[of], 0);
    return { name, count: sum("count"), overdue: sum("overdue"), soon: sum("soon") };
  })
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.overdue - one.overdue || other.soon - one.soon);
  return (
    <Part title={t("waits.title")} means={t("waits.means")} at={asked.dataUpdatedAt}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 4 }} title={false} />}
      {asked.data && groups.length === 0 && <p className="soft">{t("waits.none")}</p>}
      <ul className="waits">
        {groups.map(({ name, count, overdue, soon }) => (
          <li key={name}>
            <Link to={paths.desk({ group: name })}>{desk(`groups.${name}`)}</Link>
            <span className="spring" />
            {overdue > 0 && <span className="alarm">{t("waits.overdue", { count: overdue })}</span>}
            {soon > 0 && <span className="soft">{t("waits.soon", { count: soon })}</span>}
            <span className="figures waits-count">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
