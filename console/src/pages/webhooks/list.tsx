import "@/theme/webhooks.css";
import { Button, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { type WebhookMade, WebhookMake } from "@/forms/webhook-make";
import { inOrder, TypeWords } from "@/forms/webhook-types";
import { paths } from "@/paths";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Empty } from "@/ui/empty";
import { Once } from "@/ui/once";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";
import { WebhookPanel } from "./panel";
import { Address, isBound, OnlyOf, Standing, type Webhook } from "./things";

const GUIDE = "receive-webhooks";
const QUERY = {
  sort: text,
  webhook: text, // the one whose panel is open
  form: oneOf("new", "change", "replay"),
  state: oneOf("due", "delivered", "failed"),
  before: text,
  show: text, // the delivery that is open
};

/** A secret that was drawn just now, and of which webhook it is. */
interface Drawn extends WebhookMade {
  readonly isNew: boolean;
}

/** Addresses that are told what happens. */
export default function Webhooks() {
  const { t } = useTranslation("webhooks");
  const [{ sort, ...query }, change] = useUrl(QUERY, { stays: ["show", "form", "sort"] });
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const asked = api.useQuery("get", "/v1/webhooks");
  const make = (
    <Button type="primary" onClick={() => change({ form: "new" })}>
      {t("make.open")}
    </Button>
  );
  const saved = () => {
    if (drawn?.isNew) change({ webhook: drawn.webhook.id });
    setDrawn(null);
  };
  return (
    <Page title={t("title")} about={t("about")} acts={make}>
      <List<Webhook>
        name="webhooks"
        label={t("label")}
        rows={asked.data?.webhooks}
        keyOf={({ id }) => id}
        asked={asked}
        sort={sort}
        change={change}
        linkOf={({ id }) => paths.webhooks({ webhook: id, sort })}
        opened={query.webhook}
        columns={[
          {
            name: "name",
            title: t("name"),
            of: ({ name }) => name,
            compare: (one, other) => one.name.localeCompare(other.name),
          },
          { name: "url", title: t("url"), of: ({ url }) => <Address url={url} /> },
          { name: "hears", title: t("hears"), of: (webhook) => <Hears of={webhook} /> },
          { name: "state", title: t("state"), of: (webhook) => <Standing of={webhook} /> },
          {
            name: "made",
            title: t("made"),
            of: ({ made_at }) => <Time at={made_at} />,
            compare: (one, other) => one.made_at.localeCompare(other.made_at),
          },
        ]}
        empty={
          <Empty title={t("empty")} act={make}>
            <span className="webhook-teach">{t("empty_hint")}</span>
            <Link to={paths.guide(GUIDE)}>{t("guide")}</Link>
          </Empty>
        }
      />
      <WebhookPanel
        id={query.webhook}
        asked={asked}
        webhook={asked.data?.webhooks.find(({ id }) => id === query.webhook)}
        query={query}
        change={change}
        onSecret={(made) => setDrawn({ ...made, isNew: false })}
      />
      <WebhookMake
        open={query.form === "new"}
        onClose={() => change({ form: null })}
        onMade={(made) => setDrawn({ ...made, isNew: true })}
      />
      <Once
        title={t(drawn?.isNew ? "secret.made" : "secret.changed", {
          name: drawn?.webhook.name ?? "",
        })}
        about={t("secret.about")}
        secret={drawn?.secret ?? null}
        onClose={saved}
      />
    </Page>
  );
}

function Hears({ of: webhook }: { of: Webhook }) {
  const { t } = useTranslation("webhooks");
  const { types } = webhook;
  return (
    <>
      {types.length === 0 ? (
        t(isBound(webhook) ? "hears_orders" : "hears_all")
      ) : (
        <Tooltip
          title={inOrder(types).map((type) => (
            <div key={type}>
              <TypeWords type={type} />
            </div>
          ))}
        >
          <span>{t("hears_count", { count: types.length })}</span>
        </Tooltip>
      )}{" "}
      <OnlyOf webhook={webhook} />
    </>
  );
}
