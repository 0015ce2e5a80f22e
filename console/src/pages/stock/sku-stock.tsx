import { Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { type LevelSet, StockLevels } from "@/forms/stock-levels";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Costs, Lasts } from "./columns";
import { ExpiryBar } from "./expiry-bar";
import { Needs } from "./needs";
import type { SkuRow } from "./overview";
import { NextCards } from "./preview";
import { SlowLots } from "./slow-lots";
import { StockUp } from "./stock-up";

/** One SKU's stock: what wants to be looked at, where it is, what goes next. */
export function SkuStock({ skuId, onClose }: { skuId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("stock");
  const asked = api.useQuery(
    "get",
    "/v1/stock/skus",
    { params: { query: { sku_id: skuId ?? "" } } },
    { enabled: skuId !== undefined },
  );
  const row = skuId === undefined ? undefined : asked.data?.skus[0];
  return (
    <Panel
      title={row ? t("sku.title", { name: row.sku.name }) : t("overview.title")}
      open={skuId !== undefined}
      onClose={onClose}
      wide
      acts={row && <Link to={paths.lots({ sku: row.sku.id })}>{t("sku.lots")}</Link>}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {row && <Told row={row} />}
    </Panel>
  );
}

function Told({ row }: { row: SkuRow }) {
  const { t } = useTranslation("stock");
  const may = useMay();
  return (
    <div className="stack">
      <div className="figures-strip">
        <Figure
          name={t("overview.figures.available")}
          means={t("overview.figures.available_means")}
          value={<Count value={row.available} />}
        />
        <Figure name={t("overview.lasts")} value={<Lasts row={row} />} />
        <Figure name={t("overview.sold_7")} value={<Count value={row.sold_7} />} />
        {row.costs && <Figure name={t("overview.cost")} value={<Costs costs={row.costs} />} />}
      </div>
      {row.needs.length > 0 && <Needs row={row} />}
      <h3>{t("sku.where")}</h3>
      <Where skuId={row.sku.id} />
      <h3>{t("sku.levels")}</h3>
      <LevelsOf row={row} />
      <h3>{t("sku.next")}</h3>
      <p className="soft">{t("sku.next_about")}</p>
      <NextCards how="lots" asked={{ sku: row.sku.code, count: 10 }} />
      {(row.needs.includes("slow") || row.needs.includes("expiring")) && (
        <>
          <h3>{t("sku.slow_lots")}</h3>
          <SlowLots skuId={row.sku.id} />
        </>
      )}
      {may("purchases.read") && (
        <>
          <h3>{t("sku.stock_up")}</h3>
          <StockUp sku={row.sku.code} />
        </>
      )}
    </div>
  );
}

/** By warehouse and supplier, each a way to its lots. */
function Where({ skuId }: { skuId: string }) {
  const { t } = useTranslation("stock");
  const asked = api.useQuery("get", "/v1/stock", { params: { query: { sku_id: skuId } } });
  const held = asked.data?.holdings ?? [];
  const costs = held.some((row) => row.cost !== null);
  return (
    <div className="plain-table">
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <table aria-label={t("sku.where_label")}>
        <thead>
          <tr>
            <th>{t("sku.place")}</th>
            <th>{t("sku.supplier")}</th>
            <th className="figures">{t("sku.held")}</th>
            <th className="figures">{t("overview.reserved")}</th>
            <th className="figures">{t("overview.frozen")}</th>
            <th className="figures">{t("lots.given")}</th>
            <th>{t("overview.expiry")}</th>
            {costs && <th className="figures">{t("overview.cost")}</th>}
            <th />
          </tr>
        </thead>
        <tbody>
          {held.map((row) => (
            <tr key={`${row.warehouse_id} ${row.supplier_id} ${row.currency}`}>
              <td>{row.warehouse.name}</td>
              <td>{row.supplier.name}</td>
              <td className="figures">
                <Count value={heldOf(row.counts)} />
              </td>
              <td className="figures">
                <Count value={row.counts.reserved} />
              </td>
              <td className="figures">
                <Count value={row.frozen} />
              </td>
              <td className="figures">
                <Count value={givenOf(row.counts)} />
              </td>
              <td>
                <ExpiryBar held={heldOf(row.counts)} parts={coarse(row.by_expiry)} next={null} />
              </td>
              {costs && (
                <td className="figures">
                  <Money value={row.cost} currency={row.currency} />
                </td>
              )}
              <td>
                <Link
                  to={paths.lots({
                    sku: skuId,
                    warehouse: row.warehouse_id,
                    supplier: row.supplier_id,
                  })}
                >
                  {t("sku.lots")}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Counts = Readonly<Record<string, number>>;

export function heldOf(counts: Counts): number {
  return (counts.available ?? 0) + (counts.reserved ?? 0);
}

/** How many somebody bought, whether seen or not. */
export function givenOf(counts: Counts): number {
  return (counts.allocated ?? 0) + (counts.revealed ?? 0) + (counts.redeemed ?? 0);
}

/** The finer parts of a holding, as the bars show them. */
function coarse(parts: Counts): Counts {
  return {
    ...parts,
    within_7: (parts.within_1 ?? 0) + (parts.within_7 ?? 0),
    within_30: (parts.within_14 ?? 0) + (parts.within_30 ?? 0),
  };
}

function LevelsOf({ row }: { row: SkuRow }) {
  const { t } = useTranslation("stock");
  const [setting, setSetting] = useState<LevelSet | null>(null);
  const asked = api.useQuery("get", "/v1/stock/levels", {
    params: { query: { sku_id: row.sku.id } },
  });
  const levels = asked.data?.levels ?? [];
  const act = { can: row.can, does: "set_levels", size: "small" as const, why: t("lots.why_role") };
  return (
    <div>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.data && levels.length === 0 && <p className="soft">{t("sku.levels_none")}</p>}
      {levels.map((level) => (
        <div key={level.warehouse_id ?? ""} className="line">
          <span className="line-name">{level.warehouse?.name ?? t("sku.level_all")}</span>
          <span className="line-main">
            {t("sku.level", { low: level.low, enough: level.enough })}{" "}
            <span className={level.available <= level.low ? "alarm" : "soft"}>
              {t("sku.level_now", { available: level.available })}
            </span>
            {level.quiet_hours > 0 && (
              <span className="soft"> · {t("sku.level_quiet", { count: level.quiet_hours })}</span>
            )}
          </span>
          <Act {...act} onClick={() => setSetting(level)}>
            {t("sku.level_set")}
          </Act>
        </div>
      ))}
      <Act {...act} onClick={() => setSetting({ warehouse_id: null })}>
        {levels.length === 0 ? t("sku.level_set") : t("sku.level_add")}
      </Act>
      <StockLevels sku={row.sku} level={setting} onClose={() => setSetting(null)} />
    </div>
  );
}
