import { CheckCircleFilled, CloseCircleFilled, InfoCircleOutlined } from "@ant-design/icons";
import { Button, Card, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api } from "@/api/client";
import { type Permission, useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { language } from "@/words";
import { type Health, type Store, StorePage } from "./frame";
import { ModeSwitch } from "./mode";
import { Compare } from "./pilot-compare";
import { History } from "./pilot-history";
import { Result } from "./pilot-result";
import { useStop } from "./stop";

type Pilot = components["schemas"]["PilotShown"];
type Check = components["schemas"]["CheckShown"];
export type Comparison = components["schemas"]["ComparisonShown"];

/** Beside the old way until both agree; then one switch, and one back. */
export default function PilotPage() {
  const { t } = useTranslation("pilot");
  const { code = "" } = useParams();
  return (
    <StorePage code={code} title={t("title")}>
      {(store) => store.health && <Content store={store} health={store.health} />}
    </StorePage>
  );
}

function Content({ store, health }: { store: Store; health: Health }) {
  const [result, setResult] = useState<Comparison | null>(null);
  const asked = api.useQuery("get", "/v1/stores/{code}/pilot", {
    params: { path: { code: store.code } },
  });
  return (
    <div style={{ display: "grid", gap: 16 }}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {result && <Result store={store} result={result} />}
      <div className="halves">
        <div>
          <Compare store={store} onCompared={setResult} />
        </div>
        <div>
          {asked.data && <Switch store={store} health={health} pilot={asked.data} />}
          {asked.data && <Checks store={store} pilot={asked.data} />}
        </div>
      </div>
      <History store={store} />
    </div>
  );
}

/** The one switch, and the way back. */
function Switch({ store, health, pilot }: { store: Store; health: Health; pilot: Pilot }) {
  const { t } = useTranslation("pilot");
  const stop = useStop();
  const may = store.can.includes("set_mode");
  const mode = health.mode;
  return (
    <Card size="small" title={t("switch.title")}>
      <p style={{ marginTop: 0 }}>
        {t("switch.now")} <Badge of="mode" value={mode} />{" "}
        {pilot.shadow_from ? (
          <span className="soft">
            {t("since")} <Time at={pilot.shadow_from} />
          </span>
        ) : (
          mode === "stopped" && <span className="soft">{t("not_begun")}</span>
        )}
      </p>
      <p className="soft">{mode === "stopped" ? t("begin_hint") : t("switch.about")}</p>
      <Space wrap>
        {may && mode === "stopped" && (
          <ModeSwitch store={store} from={mode} to="shadow" verb={t("begin")} />
        )}
        {may && (mode === "shadow" || mode === "assisted") && (
          <ModeSwitch store={store} from={mode} to="automatic" verb={t("switch.automatic")} />
        )}
        {may && mode === "shadow" && (
          <ModeSwitch store={store} from={mode} to="assisted" verb={t("switch.assisted")} plain />
        )}
        {store.can.includes("stop") && (
          <Button danger onClick={() => stop([store])}>
            {t("switch.back")}
          </Button>
        )}
      </Space>
      {mode === "shadow" && (
        <p className="soft" style={{ marginBottom: 0 }}>
          <Link to={paths.listings(store.code)}>{t("switch.per_listing")}</Link>
        </p>
      )}
    </Card>
  );
}

/** What must be so before it goes by itself, each with the way to put it right. */
function Checks({ store, pilot }: { store: Store; pilot: Pilot }) {
  const { t } = useTranslation("pilot");
  const failing = pilot.checks.filter((check) => check.hard && !check.ok).length;
  return (
    <Card size="small" title={t("checks.title")}>
      <p className={failing > 0 ? "alarm" : "soft"} style={{ marginTop: 0 }}>
        {failing > 0 ? t("checks.not_ready", { count: failing }) : t("checks.ready")}
      </p>
      <ol className="steps">
        {pilot.checks.map((check) => (
          <li key={check.name} data-done={check.ok}>
            <CheckIcon check={check} />
            <span>
              {t(`checks.names.${check.name}`)}{" "}
              {!check.hard && <span className="mark">{t("checks.reminder")}</span>}
              {!check.ok && (
                <>
                  <br />
                  <span className="soft">{language() === "zh" ? check.zh : check.en}</span>{" "}
                  <Remedy store={store} check={check} />
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function CheckIcon({ check }: { check: Check }) {
  const { t } = useTranslation("pilot");
  if (check.ok) return <CheckCircleFilled role="img" aria-label={t("checks.ok")} />;
  return check.hard ? (
    <CloseCircleFilled
      role="img"
      aria-label={t("checks.failing")}
      style={{ color: "var(--ant-color-error)" }}
    />
  ) : (
    <InfoCircleOutlined
      role="img"
      aria-label={t("checks.reminder")}
      style={{ color: "var(--ant-color-text-secondary)" }}
    />
  );
}

// What somebody needs for the page where it is put right, where the pilot's own isn't enough.
const NEEDED: Partial<Record<Check["name"], Permission>> = {
  granted: "settings.write",
  mapped: "catalog.read",
  stocked: "catalog.read",
  opened: "ledger.read",
  sold_elsewhere: "stock.import",
};

/** Where a check is put right, for who may go there. */
function Remedy({ store, check }: { store: Store; check: Check }) {
  const { t } = useTranslation("pilot");
  const may = useMay();
  const to: Partial<Record<Check["name"], string>> = {
    granted: paths.connectStore({ store: store.code, step: "permission" }),
    mapped: paths.listings(store.code, { mapped: "false" }),
    stocked: paths.skus(),
    no_trouble: paths.shopOrders({ store: store.code, step: "trouble" }),
    opened: paths.openings(),
    sold_elsewhere: paths.newImport(),
  };
  const path = to[check.name];
  if (!path || !may(NEEDED[check.name])) return null;
  return (
    <Link className="underlined" to={path}>
      {t(`checks.see.${check.name}` as "checks.see.mapped")}
    </Link>
  );
}
