import { useTranslation } from "react-i18next";
import { Choice } from "@/table/filters";
import type { Change } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { useChoices } from "@/ui/badge";

/** What narrows the list of purchases. */
export function Filters({
  query,
  change,
}: {
  query: Readonly<Record<string, string | boolean | undefined>>;
  change: Change;
}) {
  const { t } = useTranslation("purchases");
  const value = (name: string) => (query[name] === undefined ? undefined : String(query[name]));
  const set = (name: string) => (chosen: string | undefined) => change({ [name]: chosen });
  const states = useChoices("purchase");
  return (
    <>
      <Choice
        label={t("list.state")}
        value={value("state")}
        choices={[{ value: "open", label: t("list.open") }, ...states]}
        onChange={set("state")}
      />
      <ChoiceOf
        of="supplier"
        label={t("list.supplier")}
        value={value("supplier")}
        onChange={set("supplier")}
      />
      <ChoiceOf of="sku" label={t("list.sku")} value={value("sku")} onChange={set("sku")} />
      <Choice
        label={t("list.cause")}
        value={value("cause")}
        choices={useChoices("cause")}
        onChange={set("cause")}
      />
      <Choice
        label={t("list.more")}
        value={query.in_doubt ? "in_doubt" : query.overdue ? "overdue" : undefined}
        choices={[
          { value: "in_doubt", label: t("list.in_doubt") },
          { value: "overdue", label: t("list.overdue") },
        ]}
        onChange={(chosen) =>
          change({
            in_doubt: chosen === "in_doubt" ? true : null,
            overdue: chosen === "overdue" ? true : null,
          })
        }
      />
    </>
  );
}
