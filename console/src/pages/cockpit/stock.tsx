import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { useDeskCounts } from "@/components/desk-mark";
import { paths } from "@/paths";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Failed } from "@/ui/problem";

const EVERY_MS = 300_000;

/** Stock days, what expires, what is tied up: in money for who sees money, else in rows. */
export function Stock() {
  const may = useMay();
  return (
    <div className="figures-strip cockpit-stock">
      {may("reports.read") && <Tied />}
      {may("purchases.read") && <InDoubt />}
      <Alerts />
    </div>
  );
}

function Tied() {
  const { t } = useTranslation("cockpit");
  const every = { refetchInterval: EVERY_MS };
  const asked = api.useQuery("get", "/v1/reports/capital", {}, every);
  const skus = api.useQuery("get", "/v1/reports/capital/skus", {}, every);
  const sheet = asked.data as components["schemas"]["CapitalSheet"] | undefined; // not a file
  const ofSkus = skus.data as components["schemas"]["SkuCapitalSheet"] | undefined;
  const [total, losses] = [sheet?.total, ofSkus?.total];
  const at = sheet?.at;
  const money = (value: string | undefined) => <Money value={value} places={2} />;
  return (
    <>
      <Failed of={[asked, skus]} />
      <Figure
        name={t("stock.tied")}
        means={t("stock.tied_means")}
        at={at}
        value={money(total?.tied_up)}
        to={paths.capital()}
      />
      <Figure
        name={t("stock.days")}
        means={t("stock.days_means")}
        at={at}
        value={total?.turnover_days ? t("stock.days_unit", { days: total.turnover_days }) : "—"}
        to={paths.capital()}
      />
      <Figure
        name={t("stock.expiring")}
        means={t("stock.expiring_means")}
        at={ofSkus?.at}
        value={money(losses?.expiring_in_30_days)}
        to={paths.capital({ by: "sku", sort: "-expiring" })}
      />
      <Figure
        name={t("stock.loss")}
        means={t("stock.loss_means")}
        at={ofSkus?.at}
        value={money(losses?.expected_loss)}
        to={paths.capital({ by: "sku", sort: "-loss" })}
      />
    </>
  );
}

/** Money whose outcome isn't known, and how many purchases it is of. */
export function InDoubt() {
  const { t } = useTranslation("cockpit");
  const asked = api.useQuery("get", "/v1/money-in-doubt");
  const orders = asked.data?.orders.length;
  return (
    <>
      <Failed of={[asked]} />
      <Figure
        name={t("stock.doubt")}
        means={t("stock.doubt_means")}
        at={asked.dataUpdatedAt}
        value={<Money value={asked.data?.total} />}
        note={orders !== undefined && t("stock.doubt_orders", { count: orders })}
        to={paths.doubt()}
      />
    </>
  );
}

function Alerts() {
  const { t } = useTranslation("cockpit");
  const asked = useDeskCounts();
  const count = (kind: "stock_low" | "stock_expiring" | "short_line") =>
    asked.data && (asked.data.counts.find((each) => each.kind === kind)?.count ?? 0);
  const shown = [
    ["short_line", "short"],
    ["stock_low", "low"],
    ["stock_expiring", "soon"],
  ] as const;
  return (
    <>
      <Failed of={[asked]} />
      {shown.map(([kind, name]) => (
        <Figure
          key={kind}
          name={name === "short" ? t("strip.short") : t(`stock.${name}`)}
          means={name === "short" ? t("strip.short_means") : t(`stock.${name}_means`)}
          at={asked.dataUpdatedAt}
          alarm={name === "short" && (count(kind) ?? 0) > 0}
          value={<Count value={count(kind)} />}
          to={paths.desk({ kind })}
        />
      ))}
    </>
  );
}
