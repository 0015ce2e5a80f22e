import "@/theme/stock.css";
import { keepPreviousData } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { StocktakeCount } from "@/forms/stocktake-count";
import { paths } from "@/paths";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import { StocktakePanel } from "./panel";

export type Line = components["schemas"]["StocktakeLine"];

const QUERY = {
  state: oneOf("counted", "posted", "dropped"),
  warehouse_id: text,
  before: text,
  show: text,
};
const NEW = "new";

/** What was counted, what differed, and what came of it. */
export default function Stocktakes() {
  const { t } = useTranslation("stocktakes");
  const may = useMay();
  const [{ show, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/stocktakes",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const { before, ...narrowed } = query;
  const count = may("stock.count") && (
    <Button type="primary" onClick={() => change({ show: NEW })}>
      {t("count")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} acts={count}>
      <List<Line>
        name="stocktakes"
        label={t("label")}
        rows={asked.data?.stocktakes}
        keyOf={({ id }) => id}
        asked={asked}
        change={change}
        cursor={{ name: "before", at: before, next: asked.data?.next_before }}
        linkOf={({ id }) => link(id)}
        opened={show}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() => change({ state: null, warehouse_id: null })}
        filters={
          <>
            <Choice
              label={t("state")}
              value={query.state}
              choices={useChoices("stocktake")}
              onChange={(state) => change({ state })}
            />
            <ChoiceOf
              of="warehouse"
              by="id"
              label={t("place")}
              value={query.warehouse_id}
              onChange={(warehouse_id) => change({ warehouse_id })}
            />
          </>
        }
        columns={[
          { name: "sku", title: t("sku"), of: ({ sku }) => sku.name },
          { name: "place", title: t("place"), of: ({ warehouse }) => warehouse.name },
          {
            name: "state",
            title: t("state"),
            of: ({ state }) => <Badge of="stocktake" value={state} />,
          },
          {
            name: "matched",
            title: t("matched"),
            of: ({ matched }) => <Count value={matched} />,
            figures: true,
          },
          { name: "differ", title: t("differ"), of: (row) => <Differ counts={row.counts} /> },
          { name: "counted", title: t("counted"), of: (row) => <Time at={row.counted_at} /> },
          { name: "by", title: t("by"), of: ({ by }) => by },
        ]}
        empty={
          <Empty title={t("empty")} act={count}>
            {t("empty_hint")}
          </Empty>
        }
      />
      <StocktakePanel id={show === NEW ? undefined : show} onClose={() => change({ show: null })} />
      <StocktakeCount
        open={show === NEW}
        onClose={() => change({ show: null })}
        onMade={(id) => change({ show: id })}
      />
    </Page>
  );
}

function link(id: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", id);
  return `${paths.stocktakes()}?${given}`;
}

/** How many differ, by class. */
function Differ({ counts }: { counts: Readonly<Record<string, number>> }) {
  const { t } = useTranslation("stocktakes");
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  if (some.length === 0) return <span className="soft">{t("agrees")}</span>;
  return (
    <span className="badges">
      {some.map(([kind, count]) => (
        <span key={kind} className={kind === "missing" ? "alarm figures" : "figures"}>
          <Word of="stocktake_class" value={kind} /> {formatCount(count)}
        </span>
      ))}
    </span>
  );
}
