import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Moment } from "@/ui/moment";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Webhook = components["schemas"]["WebhookShown"];

const AT_ONCE = 10_000; // the server takes no more in one go
const DAY_MS = 86_400_000;

/** Send all again that failed since a moment. */
export function WebhookReplay({
  webhook,
  open,
  onClose,
}: {
  webhook: Webhook;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("webhooks");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ since }: { since: string }) => {
    const params = { path: { webhook_id: webhook.id } };
    const { data } = await http.POST("/v1/webhooks/{webhook_id}/replay", {
      params,
      body: { since },
    });
    await refresh("/v1/webhooks/{webhook_id}/deliveries");
    onClose();
    const count = data?.count ?? 0;
    const said = count === 0 ? "again.none" : count < AT_ONCE ? "again.done" : "again.most";
    say.done(t(said, { count }));
  };
  // What was tried in vain had happened earlier.
  const failing = webhook.failing_since ? Date.parse(webhook.failing_since) : Date.now();
  const begin = new Date(failing - DAY_MS).toISOString();
  return (
    <FormPanel<{ since: string }>
      title={t("sent.again_failed")}
      about={t("again.about")}
      verb={t("again.verb")}
      open={open}
      onClose={onClose}
      initial={{ since: begin }}
      send={send}
    >
      <Form.Item
        name="since"
        label={t("again.since")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Moment label={t("again.since")} />
      </Form.Item>
    </FormPanel>
  );
}
