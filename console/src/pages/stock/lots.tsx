import "@/theme/stock.css";
import { keepPreviousData } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { type Freezing, StockFreeze } from "@/forms/stock-freeze";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { flag, oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Act } from "@/ui/act";
import { Badge, useChoices } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count, Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import { Costs } from "./columns";
import { LotPanel } from "./lot";
import { givenOf } from "./sku-stock";
import { shortId } from "./things";

export type Lot = components["schemas"]["LotOut"];

const QUERY = {
  sku: text,
  warehouse: text,
  supplier: text,
  state: oneOf("open", "frozen"),
  expiry: oneOf("7", "30", "60", "expired"),
  all: flag, // also those that hold nothing any more
  sort: oneOf("newest", "expiry"),
  before: text,
  show: text,
};

type Asked = ReturnType<typeof useUrl<typeof QUERY>>[0];

/** What the URL says, as the server is asked. */
function askedOf({ sku, warehouse, supplier, state, expiry, all, sort, before }: Asked) {
  return {
    ...(sku ? { sku_id: sku } : {}),
    ...(warehouse ? { warehouse_id: warehouse } : {}),
    ...(supplier ? { supplier_id: supplier } : {}),
    ...(state ? { state } : {}),
    ...(expiry === "expired" ? { expired: true } : {}),
    ...(expiry && expiry !== "expired" ? { expires_within: Number(expiry) } : {}),
    ...(sort ? { sort } : {}),
    ...(before ? { before } : {}),
    stocked: !all,
    limit: 50,
  };
}

/** Every lot that holds something: where from, until when, and whether it may be given. */
export default function Lots() {
  const { t } = useTranslation("stock");
  const [url, change] = useUrl(QUERY);
  const [chosen, choose] = useState<Lot[]>([]);
  const asked = api.useQuery(
    "get",
    "/v1/stock/lots",
    { params: { query: askedOf(url) } },
    { placeholderData: keepPreviousData },
  );
  const page = asked.data;
  const { show, sort, before, ...narrowed } = url;
  const total = page?.total;
  return (
    <Page title={t("lots.title")} about={t("lots.about")}>
      <List<Lot>
        name="lots"
        label={t("lots.label")}
        columns={useColumns()}
        rows={page?.lots}
        keyOf={({ id }) => id}
        asked={asked}
        sorts={[]}
        change={change}
        cursor={{ name: "before", at: before, next: page?.next_before }}
        linkOf={({ id }) => link(id)}
        opened={show}
        total={total?.lots}
        filtered={Object.keys(narrowed).length > 0}
        onClear={() =>
          change({
            sku: null,
            warehouse: null,
            supplier: null,
            state: null,
            expiry: null,
            all: null,
          })
        }
        filters={<Filters url={url} change={change} />}
        chosen={{ keys: chosen.map(({ id }) => id), choose: (_, rows) => choose(rows) }}
        bulk={<Bulk lots={chosen} onDone={() => choose([])} />}
        empty={<Empty title={t("lots.empty")}>{t("lots.empty_hint")}</Empty>}
      />
      {total && total.lots > 0 && (
        <p className="soft figures" role="status">
          {t("lots.sum", {
            available: formatCount(total.available),
            reserved: formatCount(total.reserved),
          })}
          {total.costs && (
            <>
              {" · "}
              {t("overview.cost")} <Costs costs={total.costs} />
            </>
          )}
        </p>
      )}
      <LotPanel lotId={show} onClose={() => change({ show: null })} />
    </Page>
  );
}

function link(id: string): string {
  const given = new URLSearchParams(window.location.search);
  given.set("show", id);
  return `${paths.lots()}?${given}`;
}

function Filters({ url, change }: { url: Asked; change: ReturnType<typeof useUrl>[1] }) {
  const { t } = useTranslation("stock");
  return (
    <>
      <ChoiceOf
        of="sku"
        by="id"
        stocked
        label={t("lots.sku")}
        value={url.sku}
        onChange={(sku) => change({ sku })}
      />
      <ChoiceOf
        of="warehouse"
        by="id"
        label={t("lots.place")}
        value={url.warehouse}
        onChange={(warehouse) => change({ warehouse })}
      />
      <ChoiceOf
        of="supplier"
        by="id"
        label={t("lots.supplier")}
        value={url.supplier}
        onChange={(supplier) => change({ supplier })}
      />
      <Choice
        label={t("lots.state")}
        value={url.state}
        choices={useChoices("lot")}
        onChange={(state) => change({ state })}
        width={104}
      />
      <Choice
        label={t("lots.expiry")}
        value={url.expiry}
        choices={[
          { value: "7", label: t("lots.expiry_7") },
          { value: "30", label: t("lots.expiry_30") },
          { value: "60", label: t("lots.expiry_60") },
          { value: "expired", label: t("lots.expiry_expired") },
        ]}
        onChange={(expiry) => change({ expiry })}
        width={104}
      />
      <Either
        label={t("lots.holds")}
        value={String(url.all ?? false)}
        choices={[
          { value: "false", label: t("lots.holds_stocked") },
          { value: "true", label: t("lots.holds_all") },
        ]}
        onChange={(all) => change({ all: all === "true" ? true : null })}
      />
      <Either
        label={t("lots.order")}
        value={url.sort ?? "newest"}
        choices={[
          { value: "newest", label: t("lots.order_newest") },
          { value: "expiry", label: t("lots.order_expiry") },
        ]}
        onChange={(sort) => change({ sort: sort === "newest" ? null : sort })}
      />
    </>
  );
}

/** One of a few, where "all" means nothing. */
function Either({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: string;
  choices: { value: string; label: string }[];
  onChange: (value: string) => void;
}) {
  return (
    <Select
      aria-label={label}
      value={value}
      options={choices}
      onChange={onChange}
      popupMatchSelectWidth={false}
    />
  );
}

/** What is done with many lots at once: only what can be done with each of them. */
function Bulk({ lots, onDone }: { lots: readonly Lot[]; onDone: () => void }) {
  const { t } = useTranslation("stock");
  const may = useMay();
  const [freezing, setFreezing] = useState<Freezing | null>(null);
  const ways = (["freeze", "unfreeze"] as const).filter((way) =>
    lots.some(({ can }) => can.includes(way)),
  );
  if (!may("stock.move")) return <span className="soft">{t("lots.why_role")}</span>;
  return (
    <>
      {ways.map((way) => (
        <Act
          key={way}
          can={lots.every(({ can }) => can.includes(way)) ? [way] : []}
          does={way}
          why={t("lots.why_mixed")}
          onClick={() => setFreezing({ way, lots })}
        >
          {t(`lots.bulk_${way}`, { count: lots.length })}
        </Act>
      ))}
      <StockFreeze freezing={freezing} onClose={() => setFreezing(null)} onDone={onDone} />
    </>
  );
}

function useColumns(): Column<Lot>[] {
  const { t } = useTranslation("stock");
  const count = (name: string, title: string, of: (lot: Lot) => number, optional = false) => ({
    name,
    title,
    of: (lot: Lot) => <Count value={of(lot)} />,
    figures: true,
    optional,
  });
  return [
    {
      name: "lot",
      title: t("lots.lot"),
      of: (lot) => (
        <>
          {lot.sku.name} <span className="code soft">{shortId(lot.id)}</span>
        </>
      ),
    },
    { name: "state", title: t("lots.state"), of: (lot) => <StateOf lot={lot} /> },
    count("available", t("lots.available"), (lot) => lot.counts.available ?? 0),
    { name: "expires", title: t("lots.expires"), of: (lot) => <Expires lot={lot} /> },
    { name: "place", title: t("lots.place"), of: (lot) => lot.warehouse.name },
    { name: "supplier", title: t("lots.supplier"), of: (lot) => lot.supplier.name },
    count("given", t("lots.given"), (lot) => givenOf(lot.counts)),
    { name: "received", title: t("lots.received"), of: (lot) => <Time at={lot.received_at} /> },
    count("reserved", t("lots.reserved"), (lot) => lot.counts.reserved ?? 0, true),
    count("quarantined", t("lots.quarantined"), (lot) => lot.counts.quarantined ?? 0, true),
    count(
      "gone",
      t("lots.gone"),
      (lot) => (lot.counts.void ?? 0) + (lot.counts.returned ?? 0),
      true,
    ),
    {
      name: "cost",
      title: t("lots.cost"),
      of: (lot) => <Money value={lot.unit_cost} currency={lot.currency} />,
      figures: true,
      optional: true,
    },
  ];
}

/** Whether it may be given, and if not, why. */
function StateOf({ lot }: { lot: Lot }) {
  return (
    <span className="line-main">
      <Badge of="lot" value={lot.state} />
      {lot.frozen_reason && <span className="soft"> {lot.frozen_reason}</span>}
    </span>
  );
}

const SOON = new Set(["within_1", "within_7", "expired"]);

/** Its last day, and how long that is. */
export function Expires({ lot }: { lot: Lot }) {
  const { t } = useTranslation("stock");
  if (lot.expires_on === null) return <span className="soft">{t("lots.forever")}</span>;
  const left = lot.days_left ?? 0;
  const said =
    left < 0
      ? t("lots.is_expired")
      : left === 0
        ? t("lots.last_day")
        : t("lots.days_left", { count: left });
  return (
    <span className="figures">
      {lot.expires_on} <span className={SOON.has(lot.expiry) ? "alarm" : "soft"}>{said}</span>
    </span>
  );
}
