import "@/theme/webhooks.css";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { AddressFields } from "./webhook-make";
import { TypesField, type TypesValues, typesOf } from "./webhook-types";

type Webhook = components["schemas"]["WebhookShown"];

interface Values extends TypesValues {
  name: string;
  url: string;
}

/** Rename a webhook, send elsewhere, or tell it of other things. */
export function WebhookChange({
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
  const bound = Boolean(webhook.store_id ?? webhook.customer_id);
  const send = async ({ name, url, ...told }: Values) => {
    const types = typesOf(told, bound);
    // Another address begins anew, so the same isn't sent: it would forget since when it fails.
    const moved = url.trim() === webhook.url ? {} : { url: url.trim() };
    await http.PATCH("/v1/webhooks/{webhook_id}", {
      params: { path: { webhook_id: webhook.id } },
      body: { name, types, ...moved },
    });
    await refresh("/v1/webhooks");
    onClose();
    say.done(t("change.done", { name }));
  };
  return (
    <FormPanel<Values>
      title={t("change.title", { name: webhook.name })}
      about={t("change.about")}
      verb={shell("do.save")}
      open={open}
      onClose={onClose}
      initial={{
        name: webhook.name,
        url: webhook.url,
        heard: webhook.types.length === 0 ? "all" : "some",
        types: webhook.types,
      }}
      send={send}
    >
      <AddressFields />
      {bound && <p className="soft">{t("form.scope_bound")}</p>}
      <TypesField bound={bound} />
    </FormPanel>
  );
}
