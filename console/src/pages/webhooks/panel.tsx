import { Alert, Skeleton, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { WebhookChange } from "@/forms/webhook-change";
import type { WebhookMade } from "@/forms/webhook-make";
import { WebhookReplay } from "@/forms/webhook-replay";
import { inOrder, TypeWords } from "@/forms/webhook-types";
import type { Asked } from "@/table/list";
import type { Change } from "@/table/url";
import { Fact, Facts } from "@/ui/facts";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { Acts } from "./acts";
import { Deliveries } from "./deliveries";
import { DeliveryPanel } from "./delivery";
import { isBound, OnlyOf, Standing, type Webhook, WhyDisabled } from "./things";

export interface Query {
  readonly form?: "new" | "change" | "replay";
  readonly state?: "due" | "delivered" | "failed";
  readonly before?: string;
  readonly show?: string;
}

/** One webhook: what it is told, whether it hears it, what was sent; tried and changed from here. */
export function WebhookPanel({
  id,
  webhook,
  asked,
  query,
  change,
  onSecret,
}: {
  id: string | undefined;
  webhook: Webhook | undefined;
  asked: Asked;
  query: Query;
  change: Change;
  onSecret: (made: WebhookMade) => void;
}) {
  const { t } = useTranslation("webhooks");
  const close = () => change({ webhook: null, state: null, before: null, show: null, form: null });
  return (
    <Panel title={webhook?.name ?? t("title")} open={id !== undefined} onClose={close} wide>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {!asked.isPending && !asked.error && !webhook && <p>{t("panel.gone_one")}</p>}
      {webhook && (
        <div className="panel-parts" key={webhook.id}>
          <Trouble webhook={webhook} />
          <Acts webhook={webhook} change={change} onSecret={onSecret} onRemoved={close} />
          <Known webhook={webhook} />
          <Deliveries webhook={webhook} query={query} change={change} />
          <DeliveryPanel id={query.show} webhook={webhook} onClose={() => change({ show: null })} />
          <WebhookChange
            webhook={webhook}
            open={query.form === "change"}
            onClose={() => change({ form: null })}
          />
          <WebhookReplay
            webhook={webhook}
            open={query.form === "replay"}
            onClose={() => change({ form: null })}
          />
        </div>
      )}
    </Panel>
  );
}

/** What is wrong with it, and what to do. */
function Trouble({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  if (webhook.state === "disabled") {
    return (
      <Alert
        type="warning"
        showIcon
        title={<WhyDisabled said={webhook.said} whole />}
        description={t("panel.off_hint")}
      />
    );
  }
  if (!webhook.failing_since) return null;
  return (
    <Alert type="error" showIcon title={t("panel.failing")} description={t("panel.failing_hint")} />
  );
}

function Known({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const { types, earlier_until } = webhook;
  const two = earlier_until && Date.parse(earlier_until) > Date.now();
  return (
    <Facts>
      <Fact name={t("url")}>
        <span className="code">{webhook.url}</span>
      </Fact>
      <Fact name={t("state")}>
        <Standing of={webhook} />
      </Fact>
      <Fact name={t("hears")}>
        {types.length === 0 ? (
          t(isBound(webhook) ? "form.heard_orders" : "form.heard_all")
        ) : (
          <ul className="webhook-told">
            {inOrder(types).map((type) => (
              <li key={type}>
                <Tag>
                  <TypeWords type={type} />
                </Tag>
              </li>
            ))}
          </ul>
        )}
        <div>
          <OnlyOf webhook={webhook} />
        </div>
      </Fact>
      <Fact name={t("secret.name")}>
        <span className="soft">{t("secret.hidden")}</span>
        {two && (
          <div>
            {t("secret.earlier")} <Time at={earlier_until} exact />
          </div>
        )}
      </Fact>
      <Fact name={t("panel.id")}>
        <span className="code">{webhook.id}</span>
      </Fact>
      <Fact name={t("made")}>
        <Time at={webhook.made_at} />
      </Fact>
    </Facts>
  );
}
