import { Alert, Button, Card } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import { Figure } from "@/ui/figure";
import { Count } from "@/ui/money";
import { Time } from "@/ui/time";
import { Connection } from "./connection";
import { type Health, type Step, type Store, StorePage } from "./frame";
import { useAcknowledge } from "./missed";
import { ModeChoice } from "./mode";
import { Naming } from "./naming";
import { Publishing } from "./publishing";

/** One store: what is wrong, what waits, how far we act, how it is connected. */
export default function StoreOverview() {
  const { code = "" } = useParams();
  return (
    <StorePage code={code}>
      {(store) => (
        <div style={{ display: "grid", gap: 16 }}>
          {store.health === null ? (
            <Unconnected store={store} />
          ) : (
            <Connected store={store} health={store.health} />
          )}
        </div>
      )}
    </StorePage>
  );
}

function Unconnected({ store }: { store: Store }) {
  const { t } = useTranslation("stores");
  return (
    <>
      {store.channel === "direct" ? (
        <Alert type="info" showIcon title={t("store.direct")} />
      ) : (
        <Alert
          type="warning"
          showIcon
          title={t("store.unconnected")}
          action={
            store.can.includes("connect") && (
              <Link to={paths.connectStore({ store: store.code })}>
                <Button type="primary">{t("list.go_on")}</Button>
              </Link>
            )
          }
        />
      )}
      <Naming store={store} />
    </>
  );
}

function Connected({ store, health }: { store: Store; health: Health }) {
  return (
    <>
      <Wrong store={store} health={health} />
      <Queue store={store} health={health} />
      <div className="halves">
        <div>
          <ModeChoice store={store} health={health} />
          <Publishing store={store} health={health} />
        </div>
        <div>
          <Connection store={store} health={health} />
          <Naming store={store} />
        </div>
      </div>
    </>
  );
}

/** What keeps its orders from coming or going, each with the one thing to do about it. */
function Wrong({ store, health }: { store: Store; health: Health }) {
  const { t } = useTranslation("stores");
  const acknowledge = useAcknowledge(store.code);
  const permit = store.can.includes("authorize") && (
    <Link to={paths.connectStore({ store: store.code, step: "permission" })}>
      <Button type="primary">{t(health.grant === "lost" ? "wrong.again" : "wrong.permit")}</Button>
    </Link>
  );
  return (
    <>
      {health.grant !== "granted" && (
        <Alert
          type={health.grant === "lost" ? "error" : "warning"}
          showIcon
          title={t(`wrong.${health.grant}`)}
          description={t(`wrong.${health.grant}_hint`)}
          action={permit}
        />
      )}
      {health.missed_from && (
        <Alert
          type="error"
          showIcon
          title={t("wrong.missed")}
          description={
            <>
              <Time at={health.missed_from} exact /> – <Time at={health.missed_until} exact />
              <br />
              {t("wrong.missed_hint")}
            </>
          }
          action={
            store.can.includes("acknowledge_missed") && (
              <Button onClick={acknowledge}>{t("wrong.acknowledge")}</Button>
            )
          }
        />
      )}
      {health.grant === "granted" && health.failures > 0 && (
        <Alert
          type="warning"
          showIcon
          title={
            <>
              {t("wrong.failing", { count: health.failures })}{" "}
              <Word of="said" value={health.said} />
            </>
          }
          description={
            <>
              {t("wrong.failing_hint")} {t("wrong.next")} <Time at={health.next_at} />
            </>
          }
        />
      )}
      {health.mode === "stopped" && health.grant === "granted" && (
        <Alert type="warning" showIcon title={t("wrong.stopped")} />
      )}
    </>
  );
}

const STEPS: readonly Step[] = ["due", "unmapped", "held", "taken", "sent", "trouble"];
const ALARMS: readonly Step[] = ["trouble"];

/** What waits, by step; each leads to its orders. */
function Queue({ store, health }: { store: Store; health: Health }) {
  const { t } = useTranslation("stores");
  const { t: states } = useTranslation("states");
  const stopped = health.mode === "stopped";
  return (
    <Card
      size="small"
      title={t(stopped ? "queue.title_stopped" : "queue.title")}
      extra={<Link to={paths.shopOrders({ store: store.code })}>{t("queue.all")}</Link>}
    >
      <div className="figures-strip">
        {STEPS.map((step) => (
          <Figure
            key={step}
            name={states(`step.${step}`)}
            value={<Count value={health.waiting[step] ?? 0} />}
            alarm={ALARMS.includes(step) && Boolean(health.waiting[step])}
            note={t(`queue.${step}${stopped ? "_stopped" : ""}` as "queue.due")}
            to={paths.shopOrders({ store: store.code, step })}
          />
        ))}
      </div>
    </Card>
  );
}
