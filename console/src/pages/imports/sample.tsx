import { Alert, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Part } from "@/ui/part";
import { language } from "@/words";
import { rolesOf, toneOf } from "./classes";
import { columnName } from "./rows";
import type { First } from "./send";

const COLUMNS_MAX = 8;

/** How the file was read: what it is, what separates its columns, and what stands in each. */
export function Sample({
  first,
  pasted,
  read,
}: {
  first: First;
  pasted: boolean;
  /** Read another worksheet of the file instead. */
  read: (worksheet: string) => void;
}) {
  const { t } = useTranslation("imports");
  const { kind, encoding, separator, worksheet, worksheets } = first.recognised;
  const roles = rolesOf(first.recognised);
  const width = Math.min(
    COLUMNS_MAX,
    Math.max(1, roles.length, ...first.rows.map((row) => row.cells.length)),
  );
  const places = Array.from({ length: width }, (_, place) => place);
  const said = [
    t(`preview.kinds.${kind}` as never, { defaultValue: kind }),
    worksheet && t("preview.worksheet", { name: worksheet }),
    encoding && !pasted && encoding.toUpperCase(),
    separator && t(`preview.separators.${separator}` as never, { defaultValue: separator }),
  ].filter(Boolean);
  return (
    <Part label={t("preview.how")}>
      <div className="import-head">
        <h2>{t("preview.how")}</h2>
        <span className="soft">{said.join(language() === "zh" ? "，" : ", ")}</span>
      </div>
      {worksheets.length > 1 && (
        <Alert
          type="warning"
          showIcon
          style={{ marginBottom: 8 }}
          title={t("preview.worksheets", { count: worksheets.length })}
          description={t("preview.worksheets_about")}
          action={
            <Select
              aria-label={t("preview.worksheets_choose")}
              value={worksheet}
              options={worksheets.map((name) => ({ value: name, label: name }))}
              onChange={(name) => name && read(name)}
              style={{ minWidth: 140, maxWidth: 220 }}
            />
          }
        />
      )}
      <div className="import-sample">
        <table aria-label={t("preview.sample")}>
          <thead>
            <tr>
              <th scope="col">{t("preview.row")}</th>
              {places.map((place) => (
                <th key={place} scope="col" data-used={roles[place]?.role !== undefined}>
                  {columnName(roles[place], place, t)}
                  {roles.length > 0 && !roles[place]?.role && (
                    <span className="import-unused">{t("preview.not_used")}</span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.rows.map((row) => (
              <tr key={row.row} data-idle={row.reason !== null && toneOf(row.reason) === "idle"}>
                <td className="figures">{row.row}</td>
                {places.map((place) => (
                  <td key={place} className="code">
                    {row.cells[place] ?? ""}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}
