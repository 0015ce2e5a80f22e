import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { Fact, Facts } from "@/ui/facts";
import { Count, Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { Failed } from "@/ui/problem";
import { formatMoney, fromE4 } from "@/util/money";
import { fact, type Suggestion } from "./reorder";

/** How many to buy, step by step: each number it comes from. */
export function Reckoning({ row, onClose }: { row: Suggestion | undefined; onClose: () => void }) {
  const { t } = useTranslation("reorder");
  return (
    <Panel
      title={row ? t("of", { sku: row.sku_name }) : ""}
      open={row !== undefined}
      onClose={onClose}
    >
      {row && (
        <div className="purchase-panel">
          <Alert
            type={row.quantity > 0 ? "warning" : "info"}
            showIcon
            title={
              row.quantity > 0
                ? t("result_of", { count: row.quantity })
                : t("result_none", { why: row.words })
            }
            description={row.declined_at ? t("declined") : undefined}
          />
          <Steps row={row} />
          <StockUp sku={row.sku} />
        </div>
      )}
    </Panel>
  );
}

function Steps({ row }: { row: Suggestion }) {
  const { t } = useTranslation("reorder");
  const { facts } = row;
  const said = (name: string) => String(facts[name] ?? "—");
  const bounds = Object.entries((facts.bounds ?? {}) as Record<string, number>);
  const days = (name: string) =>
    name === "shelf_days" ? said("shelf_days") : said("stock_days_max");
  return (
    <Facts>
      <Fact name={t("demand")}>
        {t("sold", {
          month: fact(row, "sold_28_days"),
          week: fact(row, "sold_7_days"),
          speed: said("speed"),
          trend: said("trend"),
        })}
      </Fact>
      <Fact name={t("position")}>
        {t("position_of", {
          available: fact(row, "available"),
          unsold: fact(row, "unsold"),
          on_order: fact(row, "on_order"),
          promised: fact(row, "promised"),
          position: fact(row, "position"),
        })}
      </Fact>
      <Fact name={t("point")}>
        {t("point_of", {
          lead: said("lead_days"),
          safety: said("safety_days"),
          point: fact(row, "reorder_point"),
        })}
      </Fact>
      <Fact name={t("up_to")}>
        {t("up_to_of", { cover: said("cover_days"), up_to: fact(row, "up_to") })}
      </Fact>
      <Fact name={t("bounds")}>
        {bounds.length > 0 &&
          bounds.map(([name, most]) => (
            <div key={name} className={facts.by === name ? undefined : "soft"}>
              {t(`bound.${name}` as never, { days: days(name), defaultValue: name })}：
              <Count value={most} />
            </div>
          ))}
      </Fact>
      <Fact name={t("price")}>
        {typeof facts.unit_cost_e4 === "number" && (
          <>
            {row.supplier} {formatMoney(fromE4(BigInt(facts.unit_cost_e4)))}
            <div className="soft">
              {t("packs", { units: fact(row, "units"), least: fact(row, "least") })}
            </div>
          </>
        )}
      </Fact>
      <Fact name={t("cost")}>{row.quantity > 0 && row.amount && <Money value={row.amount} />}</Fact>
    </Facts>
  );
}

/** Whether buying more at once costs less than buying for each order. */
function StockUp({ sku }: { sku: string }) {
  const { t } = useTranslation("reorder");
  const asked = api.useQuery("get", "/v1/skus/{sku}/stock-up", { params: { path: { sku } } });
  const advice = asked.data;
  if (!advice) return <Failed of={[asked]} />;
  if (advice.stock_up.length === 0) return null;
  const jit = advice.just_in_time;
  return (
    <section>
      <h3>{t("more")}</h3>
      <table className="sums">
        <thead>
          <tr>
            <th scope="col">{t("stock_up.how")}</th>
            <th scope="col" className="sums-end">
              {t("stock_up.quantity")}
            </th>
            <th scope="col" className="sums-end">
              {t("stock_up.each")}
            </th>
            <th scope="col" className="sums-end">
              {t("stock_up.saves")}
            </th>
          </tr>
        </thead>
        <tbody>
          {jit && (
            <tr className="sums-first">
              <th scope="row">{t("stock_up.jit")}</th>
              <td>1</td>
              <td>
                <Money value={jit.total} />
              </td>
              <td>—</td>
            </tr>
          )}
          {advice.stock_up.map((way) => (
            <tr key={way.days} className="sums-first">
              <th scope="row">
                {t("stock_up.days", { count: way.days })}
                {advice.best_days === way.days && <strong> · {t("stock_up.best")}</strong>}
              </th>
              <td>
                <Count value={way.quantity} />
              </td>
              <td>
                <Money value={way.total} />
              </td>
              <td>
                <Money value={way.saves} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
