import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import type { WebhookMade } from "@/forms/webhook-make";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { useSay } from "@/ui/problem";
import { Tested } from "./tested";
import type { Webhook } from "./things";

interface After {
  /** A new secret was drawn: it is shown once. */
  readonly onSecret: (made: WebhookMade) => void;
  readonly onRemoved: () => void;
}

/** What can be done with it. What can't be while it is disabled says so. */
export function Acts({ webhook, change, ...after }: After & { webhook: Webhook; change: Change }) {
  const { t } = useTranslation("webhooks");
  const say = useSay();
  const deeds = useDeeds(webhook, after);
  const [test, setTest] = useState<string | null>(null);
  const open = webhook.state === "open";
  return (
    <div>
      <div className="webhook-acts">
        {!open && (
          <Act type="primary" onClick={() => deeds.enable(true).catch(say.failed)}>
            {t("panel.enable")}
          </Act>
        )}
        <Act
          type={open ? "primary" : "default"}
          can={open ? ["test"] : []}
          does="test"
          why={t("panel.why_disabled")}
          onClick={() => deeds.test().then(setTest, say.failed)}
        >
          {t("panel.test")}
        </Act>
        <Act onClick={() => change({ form: "change" })}>{t("change.open")}</Act>
        <Act onClick={deeds.askRotate}>{t("secret.change")}</Act>
        {open && <Act onClick={deeds.askDisable}>{t("panel.disable")}</Act>}
        <Act danger onClick={deeds.askRemove}>
          {t("panel.remove")}
        </Act>
      </div>
      {test && <Tested key={test} id={test} onClose={() => setTest(null)} />}
    </div>
  );
}

/** The same as deeds: what ends something asks first. */
function useDeeds(webhook: Webhook, { onSecret, onRemoved }: After) {
  const { t } = useTranslation("webhooks");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const { name } = webhook;
  const params = { path: { webhook_id: webhook.id } };
  const test = async () => {
    const { data } = await http.POST("/v1/webhooks/{webhook_id}/test", { params });
    await refresh("/v1/webhooks/{webhook_id}/deliveries");
    return data?.id ?? null;
  };
  const enable = async (enabled: boolean) => {
    await http.PATCH("/v1/webhooks/{webhook_id}", { params, body: { enabled } });
    await refresh("/v1/webhooks", "/v1/webhooks/{webhook_id}/deliveries");
    say.done(t(enabled ? "panel.enabled" : "panel.disabled", { name }));
  };
  const rotate = async () => {
    const { data } = await http.POST("/v1/webhooks/{webhook_id}/secret", { params });
    await refresh("/v1/webhooks");
    if (data) onSecret(data);
  };
  const remove = async () => {
    await http.DELETE("/v1/webhooks/{webhook_id}", { params });
    onRemoved();
    await refresh("/v1/webhooks");
    say.done(t("panel.removed", { name }));
  };
  const askRotate = () => {
    const two = webhook.earlier_until && Date.parse(webhook.earlier_until) > Date.now();
    confirm({
      title: t("secret.ask", { name }),
      about: `${t("secret.ask_about")} ${two ? t("secret.ask_again") : ""}`,
      verb: t("secret.change"),
      send: rotate,
    });
  };
  const askDisable = () =>
    confirm({
      title: t("panel.disable_ask", { name }),
      about: t("panel.disable_about"),
      verb: t("panel.disable"),
      danger: true,
      send: () => enable(false),
    });
  const askRemove = () =>
    confirm({
      title: t("panel.remove_ask", { name }),
      about: t("panel.remove_about"),
      verb: t("panel.remove"),
      danger: true,
      send: remove,
    });
  return { test, enable, askRotate, askDisable, askRemove };
}
