import { useTranslation } from "react-i18next";
import { Part } from "@/ui/part";
import { language } from "@/words";
import { rolesOf } from "./classes";
import { columnName } from "./rows";
import type { Report, RowsRead } from "./send";

const COLUMNS_MAX = 8;

/** How the file was read: what it is, what separates its columns, and what stands in each. */
export function Sample({ report, sample }: { report: Report; sample: RowsRead }) {
  const { t } = useTranslation("imports");
  const { kind, encoding, separator, worksheet } = report.recognised;
  const roles = rolesOf(report);
  const width = Math.min(
    COLUMNS_MAX,
    Math.max(1, roles.length, ...sample.rows.map((row) => row.cells.length)),
  );
  const places = Array.from({ length: width }, (_, place) => place);
  const said = [
    t(`preview.kinds.${kind}` as never, { defaultValue: kind }),
    worksheet && t("preview.worksheet", { name: worksheet }),
    encoding && report.file_name && encoding.toUpperCase(),
    separator && t(`preview.separators.${separator}` as never, { defaultValue: separator }),
  ].filter(Boolean);
  return (
    <Part label={t("preview.how")}>
      <div className="import-head">
        <h2>{t("preview.how")}</h2>
        <span className="soft">{said.join(language() === "zh" ? "，" : ", ")}</span>
      </div>
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
            {sample.rows.map((row) => (
              <tr key={row.row} data-idle={row.reason === "heading" || row.reason === "blank"}>
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
