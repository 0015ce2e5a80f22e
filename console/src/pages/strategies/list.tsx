import "@/theme/stock.css";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { StrategySave } from "@/forms/strategy-save";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { useNames } from "@/things/sought";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";
import { StrategyPanel } from "./panel";
import { type Step, useSteps } from "./steps";
import { Try } from "./try";
import { Whom } from "./whom";

export type Strategy = components["schemas"]["StrategyOut"];

const NEW = "new";

/** In which order lots are given from, for whom; and what would be given next. */
export default function Strategies() {
  const { t } = useTranslation("strategies");
  const may = useMay();
  const [{ show, sku, store }, change] = useUrl(
    { show: text, sku: text, store: text },
    { stays: ["show", "sku", "store"] },
  );
  const [editing, setEditing] = useState<Strategy | null>(null);
  const asked = api.useQuery("get", "/v1/strategies");
  const strategies = asked.data?.strategies;
  const opened = strategies?.find(({ code }) => code === show);
  const make = may("stock.strategy") && (
    <Button type="primary" onClick={() => change({ show: NEW })}>
      {t("new")}
    </Button>
  );
  return (
    <Page title={t("title")} about={t("about")} acts={make}>
      <div className="stack">
        <List<Strategy>
          name="strategies"
          label={t("label")}
          rows={strategies}
          keyOf={({ code }) => code}
          asked={asked}
          change={change}
          total={strategies?.length}
          linkOf={({ code }) => paths.strategies({ show: code })}
          opened={show}
          columns={useColumns(strategies ?? [])}
          empty={
            <Empty title={t("empty")} act={make}>
              {t("empty_hint")}
            </Empty>
          }
        />
        <Try sku={sku} store={store} change={change} />
      </div>
      <StrategyPanel
        strategy={opened}
        onEdit={() => opened && setEditing(opened)}
        onClose={() => change({ show: null })}
      />
      <StrategySave
        open={show === NEW || editing !== null}
        strategy={editing}
        onClose={() => {
          setEditing(null);
          if (show === NEW) change({ show: null });
        }}
        onMade={(code) => change({ show: code })}
      />
    </Page>
  );
}

/** What the warehouses and suppliers are called that steps of theirs name. */
export function useNamed(strategies: readonly Strategy[]): ReadonlyMap<string, string> {
  const ids = strategies.flatMap(({ steps }) =>
    (steps as Step[]).flatMap((step) => step.ids ?? []),
  );
  const suppliers = useNames("supplier", ids);
  return new Map([...useNames("warehouse", ids), ...suppliers]);
}

function useColumns(strategies: readonly Strategy[]) {
  const { t } = useTranslation("strategies");
  const say = useSteps(useNamed(strategies));
  return [
    { name: "name", title: t("name"), of: ({ name }: Strategy) => name },
    {
      name: "steps",
      title: t("steps"),
      of: ({ steps }: Strategy) => (
        <ol className="strategy-steps">
          {(steps as Step[]).map((step) => (
            <li key={JSON.stringify(step)}>{say(step)}</li>
          ))}
        </ol>
      ),
    },
    {
      name: "serves",
      title: t("serves"),
      of: ({ uses }: Strategy) =>
        uses.length === 0 ? (
          <span className="soft">{t("serves_none")}</span>
        ) : (
          <span style={{ whiteSpace: "normal", display: "grid" }}>
            {uses.map((use) => (
              <Whom key={JSON.stringify(use)} use={use} />
            ))}
          </span>
        ),
    },
    {
      name: "code",
      title: t("code"),
      of: ({ code }: Strategy) => <span className="code">{code}</span>,
      optional: true,
    },
  ];
}
