import { useTranslation } from "react-i18next";
import { formatCount } from "@/util/money";
import { toneOf } from "./classes";

/** How many rows of each class there were, worst first. */
export function Tally({ classes }: { classes: Readonly<Record<string, number>> }) {
  const { t } = useTranslation("imports");
  const tones = ["wrong", "double", "idle"];
  const sorted = Object.entries(classes).toSorted(
    ([one, few], [other, many]) =>
      tones.indexOf(toneOf(one)) - tones.indexOf(toneOf(other)) || many - few,
  );
  return (
    <ul className="import-kinds">
      {sorted.map(([name, count]) => (
        <li key={name} data-tone={toneOf(name)} className="import-kind">
          <span className="import-dot" aria-hidden />
          <span className="import-count figures">{formatCount(count)}</span>
          <strong className="import-name">
            {t(`classes.${name}.name` as never, { defaultValue: name })}
          </strong>
          <span className="soft import-todo">
            {t(`classes.${name}.todo` as never, { defaultValue: "" })}
          </span>
        </li>
      ))}
    </ul>
  );
}
