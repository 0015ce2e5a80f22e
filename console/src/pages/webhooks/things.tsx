import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { useNames } from "@/things/sought";
import { Badge } from "@/ui/badge";
import { Time } from "@/ui/time";

export type Webhook = components["schemas"]["WebhookShown"];
export type Delivery = components["schemas"]["DeliveryShown"];
export type Try = components["schemas"]["TryShown"];

/** Where it goes: whose address it is first. Whole on hover. */
export function Address({ url }: { url: string }) {
  const [, host = url, rest = ""] = /^https:\/\/([^/?]+)(.*)$/.exec(url) ?? [];
  return (
    <span className="webhook-url" title={url}>
      {host}
      {rest !== "/" && <span className="soft">{rest}</span>}
    </span>
  );
}

/** Whether it hears of one store's or one customer's orders only. */
export function isBound({ store_id, customer_id }: Webhook): boolean {
  return Boolean(store_id ?? customer_id);
}

/** Whose orders it hears of, where it is bound. */
export function OnlyOf({ webhook: { store_id, customer_id } }: { webhook: Webhook }) {
  const { t } = useTranslation("webhooks");
  const stores = useNames("store", [store_id]);
  const customers = useNames("customer", [customer_id]);
  const id = store_id ?? customer_id;
  if (!id) return null;
  const name = stores.get(id) ?? customers.get(id) ?? id;
  return <span className="soft">{t("only_of", { name })}</span>;
}

/** Whether it is told anything and hears it; since when it doesn't, or why it isn't. */
export function Standing({ of: webhook }: { of: Webhook }) {
  const { t } = useTranslation("webhooks");
  const failing = webhook.state === "open" && webhook.failing_since;
  return (
    <span className="webhook-standing">
      <Badge of="webhook" value={failing ? "failing" : webhook.state} />
      {failing && (
        <span className="soft">
          {t("since")} <Time at={failing} />
        </span>
      )}
      {webhook.state === "disabled" && (
        <span className="soft">
          <WhyDisabled said={webhook.said} />
        </span>
      )}
    </span>
  );
}

const WHY = ["by_person", "gone", "failing"] as const;

/** Why it is told nothing more: `whole` in a sentence of its own. */
export function WhyDisabled({ said, whole = false }: { said: string; whole?: boolean }) {
  const { t } = useTranslation("webhooks");
  const known = WHY.find((each) => each === said);
  const why = known ? t(`why.${known}`) : said;
  return <>{whole ? t("panel.off", { why }) : why}</>;
}

/** How a try ended. What its number says is said in words, too. */
export function Answer({ of: { status, said, took_ms } }: { of: Try }) {
  const { t } = useTranslation("webhooks");
  if (status === null) {
    const known = SAID.find((each) => each === said);
    return <>{known ? t(`answer.${known}`) : t("answer.other", { said })}</>;
  }
  const means = t(`answer.${meaningOf(status)}`);
  return <>{t("answer.status", { status, took: took_ms, means })}</>;
}

const SAID = ["not_reached", "no_clear_answer", "address_forbidden"] as const;

function meaningOf(status: number): "ok" | "moved" | "gone" | "too_many" | "refused" | "broken" {
  if (status < 300) return "ok";
  if (status < 400) return "moved";
  if (status === 410) return "gone";
  if (status === 429) return "too_many";
  return status < 500 ? "refused" : "broken";
}
