import { Alert, Button, Card, Checkbox, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { http } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { ProblemNote, useSay } from "@/ui/problem";
import type { Health, Store } from "./frame";

type Mode = components["schemas"]["Mode"];
const MODES: readonly Mode[] = ["stopped", "shadow", "assisted", "automatic"];
const NOT_READY = "store_not_ready"; // what a pilot must pass first isn't passed

/** How far we act for a store: one of four, each in a sentence; changed deliberately. */
export function ModeChoice({ store, health }: { store: Store; health: Health }) {
  const { t } = useTranslation("stores");
  const { t: states } = useTranslation("states");
  const [wanted, setWanted] = useState<Mode | null>(null);
  const may = store.can.includes("set_mode");
  const chosen = wanted ?? health.mode;
  return (
    <Card
      size="small"
      title={t("mode.title")}
      extra={<Link to={paths.pilot(store.code)}>{t("mode.pilot")}</Link>}
    >
      <Radio.Group
        vertical
        value={chosen}
        disabled={!may}
        onChange={({ target }) => setWanted(target.value as Mode)}
        options={MODES.map((mode) => ({
          value: mode,
          label: (
            <span>
              <strong>{states(`mode.${mode}`)}</strong>{" "}
              <span className="soft">{t(`mode.${mode}`)}</span>
            </span>
          ),
        }))}
      />
      {!may && <p className="soft">{t("mode.may_not")}</p>}
      {health.own_modes > 0 && <p className="soft">{t("mode.own", { count: health.own_modes })}</p>}
      {chosen !== health.mode && (
        <p style={{ marginBottom: 0 }}>
          <ModeSwitch store={store} from={health.mode} to={chosen} onDone={() => setWanted(null)} />{" "}
          <Button type="text" onClick={() => setWanted(null)}>
            {t("mode.leave")}
          </Button>
        </p>
      )}
    </Card>
  );
}

/** The button that changes it. What isn't ready is told check by check; forcing needs a reason. */
export function ModeSwitch({
  store,
  from,
  to,
  onDone,
  verb,
  plain,
}: {
  store: Pick<Store, "code" | "name">;
  from: Mode;
  to: Mode;
  onDone?: () => void;
  verb?: string;
  /** Beside a button that is meant more. */
  plain?: boolean;
}) {
  const { t } = useTranslation("stores");
  const { t: states } = useTranslation("states");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const [asking, setAsking] = useState(false);
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);
  const [force, setForce] = useState(false);
  const [reason, setReason] = useState("");
  const close = () => {
    setAsking(false);
    setRefused(null);
    setForce(false);
    setReason("");
  };
  const send = async () => {
    setSending(true);
    try {
      const params = { path: { code: store.code } };
      const body = { mode: to, force, reason };
      await http.POST("/v1/stores/{code}/connection/mode", { params, body });
      await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/pilot");
      say.done(t("mode.done", { name: store.name, mode: states(`mode.${to}`) }));
      close();
      onDone?.();
    } catch (error) {
      setRefused(asProblem(error));
    } finally {
      setSending(false);
    }
  };
  const unready = refused?.code === NOT_READY;
  return (
    <>
      <Button
        type={plain ? "default" : "primary"}
        danger={to === "stopped"}
        onClick={() => setAsking(true)}
      >
        {verb ?? t("mode.switch", { mode: states(`mode.${to}`) })}
      </Button>
      <Modal
        open={asking}
        title={t("mode.ask", { name: store.name, mode: states(`mode.${to}`) })}
        okText={t(force ? "mode.force" : "mode.switch", { mode: states(`mode.${to}`) })}
        cancelText={shell("do.cancel")}
        confirmLoading={sending}
        okButtonProps={{
          danger: force || to === "stopped",
          disabled: unready && !(force && reason.trim()),
        }}
        onOk={send}
        onCancel={close}
        destroyOnHidden
      >
        <p>
          <Badge of="mode" value={from} /> → <Badge of="mode" value={to} />
        </p>
        <p>{t(`mode.then_${to}`)}</p>
        {unready ? (
          <>
            <Alert
              type="warning"
              showIcon
              title={t("mode.not_ready")}
              description={
                <ul className="plain-steps">
                  {refused?.fields.map((field) => (
                    <li key={field.code}>{field.detail}</li>
                  ))}
                </ul>
              }
            />
            <p>
              <Checkbox checked={force} onChange={({ target }) => setForce(target.checked)}>
                {t("mode.force_it")}
              </Checkbox>
            </p>
            {force && (
              <Input.TextArea
                aria-label={t("mode.reason")}
                placeholder={t("mode.reason")}
                value={reason}
                maxLength={500}
                onChange={({ target }) => setReason(target.value)}
              />
            )}
          </>
        ) : (
          <ProblemNote error={refused} />
        )}
      </Modal>
    </>
  );
}
