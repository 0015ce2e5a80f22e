import "@/theme/imports.css";
import { keepPreviousData } from "@tanstack/react-query";
import { Progress as Bar, Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Badge, useChoices } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { language } from "@/words";
import { ImportPanel } from "./panel";

export type Import = components["schemas"]["ImportShown"];

const ASK_EVERY_MS = 1_000; // while one runs: that it is further is no event
const QUERY = {
  state: oneOf("running", "done", "failed", "undone"),
  sku: text,
  before: text,
  show: text,
};

/** Every import: what came in, from whom, how much of it is left, and the way back. */
export default function Imports() {
  const { t } = useTranslation("imports");
  const may = useMay();
  const navigate = useNavigate();
  const [{ show, ...query }, change] = useUrl(QUERY);
  const asked = api.useQuery(
    "get",
    "/v1/imports",
    { params: { query } },
    {
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) =>
        state.data?.imports.some((each) => each.state === "running") ? ASK_EVERY_MS : false,
    },
  );
  const { before, ...narrowed } = query;
  const add = may("stock.import") && (
    <Button type="primary" onClick={() => navigate(paths.newImport())}>
      {t("list.new")}
    </Button>
  );
  return (
    <Page title={t("list.title")} about={t("list.about")} acts={add}>
      <List<Import>
        name="imports"
        label={t("list.label")}
        columns={useColumns()}
        rows={asked.data?.imports}
        keyOf={(each) => each.id}
        asked={asked}
        change={change}
        cursor={{ name: "before", at: before, next: asked.data?.next_before }}
        linkOf={(each) => link(each.id)}
        opened={show}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() => change({ state: null, sku: null })}
        total={asked.data?.total}
        filters={
          <>
            <Choice
              label={t("list.state")}
              value={query.state}
              choices={useChoices("import")}
              onChange={(state) => change({ state })}
            />
            <ChoiceOf
              of="sku"
              stocked
              label={t("list.sku")}
              value={query.sku}
              onChange={(sku) => change({ sku })}
            />
          </>
        }
        empty={
          <Empty title={t("list.empty")} act={add}>
            {t("list.empty_hint")}
          </Empty>
        }
      />
      <ImportPanel id={show} onClose={() => change({ show: null })} />
    </Page>
  );
}

/** The same list, with this import's details open. */
function link(id: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", id);
  return `${paths.imports()}?${given}`;
}

export function nameOf(one: Import): string {
  return language() === "zh" ? one.name_zh : one.name_en;
}

function useColumns(): Column<Import>[] {
  const { t } = useTranslation("imports");
  return [
    { name: "sku", title: t("list.sku"), of: nameOf },
    { name: "at", title: t("list.at"), of: (one) => <Time at={one.started_at} /> },
    { name: "state", title: t("list.state"), of: (one) => <State one={one} /> },
    {
      name: "accepted",
      title: t("list.accepted"),
      of: (one) => <Count value={one.state === "done" ? one.accepted : null} />,
      figures: true,
    },
    {
      name: "in_stock",
      title: t("list.in_stock"),
      of: (one) => <Count value={one.state === "done" ? one.in_stock : null} />,
      figures: true,
    },
    {
      name: "rejected",
      title: t("list.rejected"),
      of: (one) => <Count value={one.state === "done" ? one.rejected : null} />,
      figures: true,
    },
    { name: "supplier", title: t("list.supplier"), of: (one) => one.supplier_name },
    {
      name: "file",
      title: t("list.file"),
      of: (one) => one.file_name || <span className="soft">{t("list.pasted")}</span>,
    },
    {
      name: "warehouse",
      title: t("list.warehouse"),
      of: (one) => one.warehouse_name,
      optional: true,
    },
    {
      name: "who",
      title: t("list.who"),
      of: (one) => one.actor_name ?? <span className="soft">{t("list.program")}</span>,
      optional: true,
    },
  ];
}

/** How it stands; while it runs, how far it is. */
function State({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  if (one.state !== "running") return <Badge of="import" value={one.state} />;
  return (
    <span className="import-running">
      <Badge of="import" value={one.state} />
      <Bar percent={100} status="active" showInfo={false} size="small" aria-hidden />
      <span className="figures soft">{t("list.read", { count: one.read })}</span>
    </span>
  );
}
