import { Alert, Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Empty } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { Failed, ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { compareMoney, formatMoney } from "@/util/money";
import { language } from "@/words";

type PriceAlert = components["schemas"]["PriceAlertShown"];
interface Left {
  title: string;
  price: string | null;
  margin: string | null;
}

const ON_TOP = 3; // of those nobody has seen
const UNSEEN_MAX = 500;
const HISTORY = 100;

/** Costs that moved and that nobody has looked at, above the board: what, by how much, what is left. */
export function AlertStrip({ onAll }: { onAll: () => void }) {
  const { t } = useTranslation("prices");
  const query = { seen: false, limit: UNSEEN_MAX };
  const asked = api.useQuery("get", "/v1/price-alerts", { params: { query } });
  const { data } = asked;
  if (!data?.length) return <Failed of={[asked]} />;
  return (
    <section className="price-alerts price-strip" aria-label={t("alerts.title")}>
      <header className="line">
        <strong className="line-main">{t("alerts.waiting", { count: data.length })}</strong>
        <SeeAll alerts={data} />
        <Button onClick={onAll}>{t("alerts.history")}</Button>
      </header>
      <ul>
        {data.slice(0, ON_TOP).map((alert) => (
          <OneAlert key={alert.id} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

/** Offers that are held, above the board: they aren't in the comparison until somebody decides. */
export function HeldStrip() {
  const { t } = useTranslation("prices");
  const query = { state: "held" as const, mapped: true, limit: 1 };
  const asked = api.useQuery("get", "/v1/offers", { params: { query } });
  const { data } = asked;
  if (!data?.total) return <Failed of={[asked]} />;
  return (
    <Alert
      type="warning"
      showIcon
      style={{ marginBottom: 12 }}
      title={t("held.waiting", { count: data.total })}
      action={
        <Link to={paths.offers({ state: "held" })}>
          <Button>{t("held.look")}</Button>
        </Link>
      }
    />
  );
}

function SeeAll({ alerts }: { alerts: readonly PriceAlert[] }) {
  const { t } = useTranslation("prices");
  const refresh = useRefresh();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const see = async () => {
    setBusy(true);
    try {
      const body = { ids: alerts.map((alert) => alert.id) };
      const { data } = await http.POST("/v1/price-alerts/seen", { body });
      await refresh("/v1/price-alerts", "/v1/desk");
      say.done(t("alerts.seen", { count: data?.done ?? 0 }));
    } catch (refused) {
      say.failed(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button loading={busy} onClick={see}>
      {t("alerts.see_all")}
    </Button>
  );
}

function OneAlert({ alert }: { alert: PriceAlert }) {
  const { t } = useTranslation("prices");
  const refresh = useRefresh();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const see = async () => {
    setBusy(true);
    try {
      const params = { path: { alert_id: alert.id } };
      await http.POST("/v1/price-alerts/{alert_id}/seen", { params });
      await refresh("/v1/price-alerts", "/v1/desk");
    } catch (refused) {
      say.failed(refused);
      setBusy(false);
    }
  };
  const [worst] = alert.margins as unknown as Left[];
  return (
    <li>
      <div className="price-alert-what">
        <Link to={paths.prices({ show: alert.sku })}>
          {language() === "zh" ? alert.sku_name_zh : alert.sku_name_en}
        </Link>
        {(alert.old !== null || alert.new !== null) && (
          <span className="figures">
            {t("alerts.moved", { old: amount(alert.old), new: amount(alert.new) })}
          </span>
        )}
        <Percent alert={alert} />
        {alert.supplier_name && <span>{t("alerts.best_now", { name: alert.supplier_name })}</span>}
        <span className="soft">
          <Time at={alert.at} />
        </span>
      </div>
      <div className="price-alert-left">
        {alert.loss_count > 0 ? (
          <strong className="alarm">{t("alerts.loss", { count: alert.loss_count })}</strong>
        ) : (
          <span className="soft">{t(worst ? "alerts.no_loss" : "alerts.nothing_sold")}</span>
        )}
        {worst && (
          <span className="soft">
            {t("alerts.worst", {
              title: worst.title,
              price: amount(worst.price),
              margin: amount(worst.margin),
            })}
          </span>
        )}
      </div>
      {alert.seen_at ? (
        <span className="soft">
          {t("alerts.by")} <Time at={alert.seen_at} />
        </span>
      ) : (
        <Button size="small" loading={busy} onClick={see}>
          {t("alerts.see")}
        </Button>
      )}
    </li>
  );

  function amount(written: string | null): string {
    return written === null ? t("alerts.none") : formatMoney(written);
  }
}

/** By how much a cost moved, in words and with an arrow: dearer alarms. */
function Percent({ alert }: { alert: PriceAlert }) {
  const { t } = useTranslation("prices");
  if (alert.new === null) return <strong className="alarm">{t("alerts.nobody_sells")}</strong>;
  if (alert.old === null) return <strong>{t("alerts.first")}</strong>;
  const rose = compareMoney(alert.new, alert.old) > 0;
  const percent = `${alert.percent.replace(/^[+-]/, "")}%`;
  return (
    <strong className={rose ? "alarm" : ""}>
      {rose ? "▲" : "▼"} {t(rose ? "cell.rose" : "cell.fell", { percent })}
    </strong>
  );
}

/** Every move there was, seen or not. */
export function AllAlerts({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("prices");
  const asked = api.useQuery(
    "get",
    "/v1/price-alerts",
    { params: { query: { limit: HISTORY } } },
    { enabled: open },
  );
  return (
    <Panel title={t("alerts.history")} open={open} onClose={onClose} wide>
      <p className="soft">{t("alerts.history_about")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {asked.data?.length === 0 && (
        <Empty title={t("alerts.empty")}>{t("alerts.empty_hint")}</Empty>
      )}
      <section className="price-alerts">
        <ul>
          {asked.data?.map((alert) => (
            <OneAlert key={alert.id} alert={alert} />
          ))}
        </ul>
      </section>
    </Panel>
  );
}
