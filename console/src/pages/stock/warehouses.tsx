import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { WarehouseAdd } from "@/forms/warehouse-add";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { Failed } from "@/ui/problem";

type Warehouse = components["schemas"]["WarehouseOut"];
type Holding = components["schemas"]["HoldingOut"];
interface Held {
  readonly skus: number;
  readonly available: number;
  readonly reserved: number;
  readonly frozen: number;
}
/** What is in it isn't known where that couldn't be read. */
type Row = Warehouse & Partial<Held>;

/** Where cards are kept apart, and what is in each. */
export default function Warehouses() {
  const { t } = useTranslation("stock");
  const may = useMay();
  const [{ sort, show }, change] = useUrl({ sort: text, show: oneOf("new") });
  const asked = api.useQuery("get", "/v1/warehouses");
  const held = api.useQuery("get", "/v1/stock");
  const rows = asked.data?.warehouses.map(
    (one): Row => ({ ...one, ...(held.data ? heldIn(held.data.holdings, one.id) : {}) }),
  );
  const add = may("stock.move") && (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("warehouses.add")}
    </Button>
  );
  const count = (name: "available" | "reserved" | "frozen" | "skus", title: string) => ({
    name,
    title,
    of: (row: Row) => <Count value={row[name]} />,
    compare: (one: Row, other: Row) => (one[name] ?? 0) - (other[name] ?? 0),
    figures: true,
  });
  return (
    <Page title={t("warehouses.title")} about={t("warehouses.about")} acts={add}>
      <Failed of={[held]} />
      <List<Row>
        name="warehouses"
        label={t("warehouses.label")}
        rows={rows}
        keyOf={({ code }) => code}
        asked={asked}
        sort={sort}
        change={change}
        total={rows?.length}
        columns={[
          {
            name: "name",
            title: t("warehouses.name"),
            of: ({ name }) => name,
            compare: (one, other) => one.name.localeCompare(other.name),
          },
          {
            name: "code",
            title: t("warehouses.code"),
            of: ({ code }) => <span className="code">{code}</span>,
          },
          {
            name: "priority",
            title: t("warehouses.priority"),
            of: ({ priority }) => <Count value={priority} />,
            compare: (one, other) => one.priority - other.priority,
            figures: true,
          },
          count("skus", t("warehouses.skus")),
          count("available", t("warehouses.available")),
          count("reserved", t("warehouses.reserved")),
          count("frozen", t("warehouses.frozen")),
          {
            name: "lots",
            title: "",
            of: ({ id }) => (
              <Link to={paths.lots({ warehouse: id })}>{t("warehouses.see_lots")}</Link>
            ),
          },
        ]}
        empty={<Empty title={t("warehouses.empty")} act={add} />}
      />
      <p className="soft">{t("warehouses.priority_means")}</p>
      <WarehouseAdd open={show === "new"} onClose={() => change({ show: null })} />
    </Page>
  );
}

function heldIn(holdings: readonly Holding[], warehouse: string): Held {
  const here = holdings.filter(({ warehouse_id }) => warehouse_id === warehouse);
  const sum = (of: (row: Holding) => number) => here.reduce((total, row) => total + of(row), 0);
  const frozen = sum((row) => row.frozen);
  const stocked = here.filter(({ counts }) => (counts.available ?? 0) + (counts.reserved ?? 0) > 0);
  return {
    skus: new Set(stocked.map(({ sku_id }) => sku_id)).size,
    available: sum(({ counts }) => counts.available ?? 0) - frozen,
    reserved: sum(({ counts }) => counts.reserved ?? 0),
    frozen,
  };
}
