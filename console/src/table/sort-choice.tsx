import { Select } from "antd";
import { useTranslation } from "react-i18next";

/** By which column rows are sorted, where no heading can be clicked. */
export function SortChoice({
  columns,
  sort,
  choose,
}: {
  columns: readonly { readonly name: string; readonly title: string }[];
  sort: string | undefined;
  choose: (sort: string | null) => void;
}) {
  const { t } = useTranslation("shell");
  return (
    <Select
      aria-label={t("table.sort")}
      value={sort ?? ""}
      options={[
        { value: "", label: t("table.sort_usual") },
        ...columns.flatMap(({ name, title }) => [
          { value: name, label: t("table.sort_rising", { column: title }) },
          { value: `-${name}`, label: t("table.sort_falling", { column: title }) },
        ]),
      ]}
      onChange={(chosen: string) => choose(chosen || null)}
      popupMatchSelectWidth={false}
    />
  );
}
