import { TableOutlined } from "@ant-design/icons";
import { Button, Checkbox, Popover } from "antd";
import { useTranslation } from "react-i18next";
import type { Column } from "./columns";

/** Which columns are shown. */
export function ColumnChoice<Row>({
  columns,
  shown,
  choose,
}: {
  columns: readonly Column<Row>[];
  shown: readonly string[];
  choose: (names: readonly string[] | null) => void;
}) {
  const { t } = useTranslation("shell");
  const choices = (
    <div style={{ display: "grid", gap: 6, minWidth: 160 }}>
      {columns.map((column, place) => (
        <Checkbox
          key={column.name}
          checked={shown.includes(column.name)}
          disabled={place === 0}
          onChange={({ target }) =>
            choose(
              columns
                .map((each) => each.name)
                .filter((name) => (name === column.name ? target.checked : shown.includes(name))),
            )
          }
        >
          {column.title}
        </Checkbox>
      ))}
      <Button size="small" onClick={() => choose(null)}>
        {t("table.columns_reset")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t("table.columns")} content={choices}>
      <Button icon={<TableOutlined />} aria-label={t("table.columns")} title={t("table.columns")} />
    </Popover>
  );
}
