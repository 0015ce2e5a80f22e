import { Card, Segmented, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { language } from "@/words";
import type { Store } from "./frame";
import type { Comparison } from "./pilot";

type Line = components["schemas"]["ComparedShown"];
type Shown = "differences" | "unexplained" | "all";
const SHOWN: readonly Shown[] = ["differences", "unexplained", "all"];
const PAGE = 100;

/** Two columns, the old way's and ours; each difference with its cause and what to do. */
export function Result({ store, result }: { store: Store; result: Comparison }) {
  const { t } = useTranslation("pilot");
  const [only, setOnly] = useState<Shown>(result.unexplained > 0 ? "unexplained" : "differences");
  const lines = result.lines.filter((line) => {
    if (only === "all") return true;
    return only === "unexplained" ? !line.explained : line.outcome !== "same";
  });
  return (
    <Card
      size="small"
      title={t("result.title", { day: result.day })}
      extra={<span className="soft">{t("result.rows", { count: result.rows })}</span>}
    >
      <div style={{ display: "grid", gap: 12 }}>
        <Totals result={result} />
        {result.rows_of_other_days > 0 && (
          <span className="soft">
            {t("result.other_days", { count: result.rows_of_other_days })}
          </span>
        )}
        {result.lines.length > 0 && result.same === result.lines.length && (
          <strong>{t("result.all_same")}</strong>
        )}
        <div>
          <Segmented<Shown>
            aria-label={t("result.show_label")}
            value={only}
            onChange={setOnly}
            options={SHOWN.map((value) => ({ value, label: t(`result.show.${value}`) }))}
          />
        </div>
        <Lines store={store} lines={lines} causes={result.causes} />
      </div>
    </Card>
  );
}

function Totals({ result }: { result: Comparison }) {
  const { t } = useTranslation("pilot");
  const { orders, automatic } = result;
  return (
    <div className="figures-strip">
      <Figure name={t("result.same")} value={<Count value={result.same} />} />
      <Figure name={t("result.missed")} value={<Count value={result.missed} />} />
      <Figure name={t("result.extra")} value={<Count value={result.extra} />} />
      <Figure name={t("result.different")} value={<Count value={result.different} />} />
      <Figure
        name={t("result.unexplained")}
        value={<Count value={result.unexplained} />}
        alarm={result.unexplained > 0}
        note={`${t("result.explained")} ${result.explained_percent}%`}
      />
      <Figure
        name={t("result.automatic")}
        value={`${result.automatic_percent}%`}
        note={t("result.automatic_of", { some: automatic, all: orders })}
      />
    </div>
  );
}

function Lines({
  store,
  lines,
  causes,
}: {
  store: Store;
  lines: readonly Line[];
  causes: Comparison["causes"];
}) {
  const { t } = useTranslation("pilot");
  const said = new Map(causes.map((each) => [each.cause, language() === "zh" ? each.zh : each.en]));
  return (
    <Table<Line>
      size="small"
      rowKey={(line) => `${line.order} ${line.item} ${line.sku} ${line.rows.join(",")}`}
      dataSource={[...lines]}
      pagination={lines.length > PAGE ? { pageSize: PAGE, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: t("result.nothing") }}
      aria-label={`${store.name} ${t("title")}`}
      columns={[
        {
          title: t("result.order"),
          render: (_, line) => <span className="code">{line.order}</span>,
        },
        {
          title: t("result.outcome"),
          render: (_, line) => (
            <span className={line.explained ? "" : "alarm"}>{t(`result.${line.outcome}`)}</span>
          ),
        },
        {
          title: t("old"),
          className: "side-old",
          children: [
            {
              title: t("result.item"),
              render: (_, line) => <span className="clipped">{line.item}</span>,
            },
            {
              title: t("result.quantity"),
              align: "right",
              render: (_, l) => figure(l.sheet_quantity),
            },
            { title: t("result.amount"), align: "right", render: (_, l) => amount(l.sheet_amount) },
          ],
        },
        {
          title: t("ours"),
          className: "side-ours",
          children: [
            {
              title: t("result.sku"),
              render: (_, line) => <span className="code">{line.sku}</span>,
            },
            {
              title: t("result.quantity"),
              align: "right",
              render: (_, line) => figure(line.quantity),
            },
            { title: t("result.units"), align: "right", render: (_, line) => figure(line.units) },
            { title: t("result.amount"), align: "right", render: (_, line) => amount(line.amount) },
          ],
        },
        {
          title: t("result.cause"),
          render: (_, line) => <span className="cause">{line.cause && said.get(line.cause)}</span>,
        },
      ]}
    />
  );
}

function figure(value: number | null) {
  return value === null ? <span className="soft">—</span> : <Count value={value} />;
}

function amount(value: string | null) {
  return <Money value={value} />;
}
