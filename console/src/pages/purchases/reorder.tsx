import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { ReorderWant } from "@/forms/reorder-want";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { compareMoney, formatCount } from "@/util/money";
import { Reckoning } from "./reckoning";

export type Suggestion = components["schemas"]["SuggestionsShown"]["suggestions"][number];

/** A number of the arithmetic, as the server counted it. */
export function fact(row: Suggestion, name: string): number {
  const value = row.facts[name];
  return typeof value === "number" ? value : 0;
}

/** What to buy again, how many, and why: what is to be bought stands first. */
export default function Reorder() {
  const { t } = useTranslation("reorder");
  const { t: purchases } = useTranslation("purchases");
  const may = useMay();
  const [{ show, form, sort, only }, change] = useUrl(
    { show: text, form: oneOf("want"), sort: text, only: oneOf("buy") },
    { stays: ["show", "form"] },
  );
  const asked = api.useQuery("get", "/v1/reorder-suggestions");
  const all = asked.data?.suggestions;
  const rows = only ? all?.filter((row) => row.quantity > 0) : all;
  const chosen = all?.find((row) => row.sku === show);
  return (
    <Page title={t("title")} about={t("about")}>
      <List<Suggestion>
        name="reorder"
        label={t("label")}
        rows={rows}
        keyOf={(row) => row.sku}
        asked={asked}
        sort={sort}
        change={change}
        opened={show}
        linkOf={(row) => paths.reorder({ ...(only ? { only } : {}), show: row.sku })}
        filtered={only !== undefined}
        onClear={() => change({ only: null })}
        filters={
          <Choice
            label={purchases("list.more")}
            value={only}
            choices={[{ value: "buy", label: t("only") }]}
            onChange={(value) => change({ only: value })}
          />
        }
        columns={[
          { name: "sku", title: purchases("list.sku"), of: (row) => row.sku_name },
          {
            name: "quantity",
            title: t("suggested"),
            of: (row) => (row.quantity > 0 ? <strong>{formatCount(row.quantity)}</strong> : "—"),
            figures: true,
            compare: (one, other) => one.quantity - other.quantity,
          },
          {
            name: "amount",
            title: t("cost"),
            of: (row) => <Money value={row.quantity > 0 ? row.amount : null} />,
            figures: true,
            compare: (one, other) => compareMoney(one.amount ?? "0", other.amount ?? "0"),
          },
          {
            name: "available",
            title: t("available"),
            of: (row) => <Count value={fact(row, "available")} />,
            figures: true,
            compare: (one, other) => fact(one, "available") - fact(other, "available"),
          },
          {
            name: "speed",
            title: t("speed"),
            of: (row) => String(row.facts.speed ?? "—"),
            figures: true,
          },
          {
            name: "lasts",
            title: t("lasts"),
            of: (row) =>
              `${formatCount(fact(row, "reorder_point"))} / ${formatCount(fact(row, "up_to"))}`,
            figures: true,
          },
          {
            name: "why",
            title: t("why"),
            of: (row) => <span className="purchase-words">{row.words}</span>,
          },
          {
            name: "acts",
            title: t("acts"),
            of: (row) =>
              row.open_id ? (
                <Link to={paths.purchase(row.open_id)}>{t("open")}</Link>
              ) : (
                row.quantity > 0 &&
                may("purchases.write") && (
                  <Act
                    size="small"
                    can={row.can}
                    does="want"
                    onClick={() => change({ show: row.sku, form: "want" })}
                  >
                    {t("act")}
                  </Act>
                )
              ),
          },
          {
            name: "on_order",
            title: t("on_order"),
            of: (row) => <Count value={fact(row, "on_order")} />,
            figures: true,
            optional: true,
          },
          {
            name: "unit_cost",
            title: t("price"),
            of: (row) => <Money value={row.unit_cost} />,
            figures: true,
            optional: true,
          },
          {
            name: "supplier",
            title: purchases("list.supplier"),
            of: (row) => row.supplier ?? "—",
            optional: true,
          },
          {
            name: "rule",
            title: t("rule"),
            of: (row) => <Word of="reordering" value={row.reorder} />,
            optional: true,
          },
        ]}
        empty={<Empty title={t("empty")}>{t("empty_hint")}</Empty>}
      />
      <Reckoning row={chosen} onClose={() => change({ show: null, form: null })} />
      {chosen && (
        <ReorderWant
          row={chosen}
          open={form === "want"}
          onClose={() => change({ form: null, show: null })}
        />
      )}
    </Page>
  );
}
