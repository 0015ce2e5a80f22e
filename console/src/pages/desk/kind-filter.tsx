import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Word } from "@/ui/badge";
import { formatCount } from "@/util/money";
import { GROUP_NAMES, GROUPS, type Group, groupOf, type MatterKind } from "./kinds";

type Count = components["schemas"]["CountShown"];

/** How many of each kind, and how many are late or nearly; a click narrows the queue to them. */
export function KindFilter({
  counts,
  group,
  kind,
  onChange,
}: {
  counts: readonly Count[];
  group: Group | undefined;
  kind: MatterKind | undefined;
  onChange: (chosen: { group: Group | null; kind: MatterKind | null }) => void;
}) {
  const { t } = useTranslation("desk");
  const within = group ?? (kind && groupOf(kind));
  const here = counts.filter((each) => within === groupOf(each.kind));
  return (
    <div className="desk-kinds">
      <fieldset aria-label={t("kinds.groups")}>
        <Chip
          chosen={!within}
          label={t("kinds.all")}
          counts={counts}
          onClick={() => onChange({ group: null, kind: null })}
        />
        {GROUP_NAMES.map((name) => {
          const those = counts.filter((each) =>
            (GROUPS[name] as readonly MatterKind[]).includes(each.kind),
          );
          if (those.length === 0 && name !== within) return null;
          return (
            <Chip
              key={name}
              chosen={within === name}
              label={t(`groups.${name}`)}
              counts={those}
              onClick={() => onChange({ group: name, kind: null })}
            />
          );
        })}
      </fieldset>
      {within && (here.length > 1 || kind) && (
        <fieldset aria-label={t("kinds.of_group")}>
          {here.map((each) => (
            <Chip
              key={each.kind}
              small
              chosen={kind === each.kind}
              label={<Word of="matter" value={each.kind} />}
              counts={[each]}
              onClick={() =>
                onChange({ group: within, kind: kind === each.kind ? null : each.kind })
              }
            />
          ))}
        </fieldset>
      )}
    </div>
  );
}

function Chip({
  label,
  counts,
  chosen,
  small,
  onClick,
}: {
  label: React.ReactNode;
  counts: readonly Count[];
  chosen: boolean;
  small?: boolean;
  onClick: () => void;
}) {
  const { t } = useTranslation("desk");
  const sum = (of: "count" | "overdue" | "soon") => counts.reduce((all, each) => all + each[of], 0);
  const [overdue, soon] = [sum("overdue"), sum("soon")];
  return (
    <Button
      size={small ? "small" : "middle"}
      type={chosen ? "primary" : "default"}
      ghost={chosen}
      aria-pressed={chosen}
      onClick={onClick}
    >
      {label} <span className="figures">{formatCount(sum("count"))}</span>
      {overdue > 0 && <span className="alarm">{t("kinds.overdue", { count: overdue })}</span>}
      {soon > 0 && <span className="alarm">{t("kinds.soon", { count: soon })}</span>}
    </Button>
  );
}
