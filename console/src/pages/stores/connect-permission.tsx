import { Alert, Button, Form, Input, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSending } from "@/forms/form";
import { Day } from "@/ui/day";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { endOfDay } from "@/util/time";
import type { Store } from "./frame";
import { codeIn, markSent, newMark, remember, wayBack } from "./permitting";
import { fieldsFor, type Platform, said, type Way } from "./platforms";

type GrantBody = components["schemas"]["GrantBody"];

/** Have the seller permit us: in the way that the platform has for it. */
export function ConnectPermission({
  store,
  platform,
  onDone,
}: {
  store: Store;
  platform: Platform;
  onDone: () => void;
}) {
  const { t } = useTranslation("connect");
  const asked = api.useQuery("get", "/v1/stores/{code}/connection", {
    params: { path: { code: store.code } },
  });
  const connection = asked.data;
  const ways = connection ? waysNow(platform, connection.options) : [];
  return (
    <div className="connect-step">
      <h2>{t("steps.permission")}</h2>
      <ProblemNote error={asked.error} />
      {asked.isPending && <Skeleton active />}
      {connection?.grant === "granted" && (
        <Alert
          type="success"
          showIcon
          title={t("permission.granted", { shop: connection.shop_name || connection.shop_id })}
          description={
            connection.expires_at && (
              <>
                {t("permission.until")} <Time at={connection.expires_at} />
              </>
            )
          }
          action={<Button onClick={onDone}>{t("next")}</Button>}
        />
      )}
      {ways.includes("own") && <Own store={store} onDone={onDone} />}
      {ways.includes("token") && <Token store={store} onDone={onDone} />}
      {ways.includes("card_key") && <CardKey store={store} onDone={onDone} />}
      {ways.includes("link") && <ByLink store={store} platform={platform} onDone={onDone} />}
      {ways.includes("none") && <p>{t("permission.none")}</p>}
    </div>
  );
}

/** Which ways there are with the options as they stand: an own application needs no link. */
function waysNow(platform: Platform, options: Readonly<Record<string, string>>): readonly Way[] {
  const has = (way: Way) =>
    fieldsFor(platform, way).some(({ name, ways }) => ways.includes(way) && name in options);
  if (platform.ways.includes("own") && platform.ways.includes("link")) {
    return has("own") ? ["own"] : ["link"];
  }
  return platform.ways;
}

function useGrant(store: Store, onDone: () => void): (body: GrantBody) => Promise<void> {
  const refresh = useRefresh();
  return async (body) => {
    const params = { path: { code: store.code } };
    await http.POST("/v1/stores/{code}/connection/grant", { params, body });
    await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/connection");
    onDone();
  };
}

/** Key and secret are enough. */
function Own({ store, onDone }: { store: Store; onDone: () => void }) {
  const { t } = useTranslation("connect");
  const grant = useGrant(store, onDone);
  const [form] = Form.useForm<object>();
  const { sending, error, submit } = useSending(form, () => grant({ code: "self" }));
  return (
    <>
      <p>{t("permission.own")}</p>
      <ProblemNote error={error} />
      <Form form={form} onFinish={submit}>
        <Button type="primary" htmlType="submit" loading={sending}>
          {t("permission.own_verb")}
        </Button>
      </Form>
    </>
  );
}

interface TokenValues {
  access_token: string;
  shop_id: string;
  shop_name?: string;
  expires_at?: string;
}

/** The platform's console shows a token, and the shop's number. */
function Token({ store, onDone }: { store: Store; onDone: () => void }) {
  const { t } = useTranslation("connect");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<TokenValues>();
  const grant = useGrant(store, onDone);
  const zone = useMe().tenant.timezone;
  const required = { required: true, message: shell("form.required") };
  const { sending, error, submit } = useSending(form, ({ expires_at, ...body }: TokenValues) => {
    const until = expires_at ? { expires_at: endOfDay(zone, expires_at) } : {};
    return grant({ ...body, ...until });
  });
  return (
    <Form<TokenValues> form={form} layout="vertical" requiredMark="optional" onFinish={submit}>
      <p>{t("permission.token")}</p>
      <ProblemNote error={error} />
      <Form.Item name="access_token" label="Token" extra={t("app.sealed")} rules={[required]}>
        <Input.Password maxLength={1000} autoComplete="new-password" />
      </Form.Item>
      <Form.Item name="shop_id" label={t("permission.shop_id")} rules={[required]}>
        <Input maxLength={1000} autoComplete="off" />
      </Form.Item>
      <Form.Item name="expires_at" label={t("permission.expires")}>
        <Day />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={sending}>
        {t("permission.keep")}
      </Button>
    </Form>
  );
}

/** The key that cards are encrypted under, as it came by mail. */
function CardKey({ store, onDone }: { store: Store; onDone: () => void }) {
  const { t } = useTranslation("connect");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<{ access_token: string }>();
  const grant = useGrant(store, onDone);
  const { sending, error, submit } = useSending(form, (body: { access_token: string }) =>
    grant(body),
  );
  return (
    <Form form={form} layout="vertical" requiredMark="optional" onFinish={submit}>
      <p>{t("permission.card_key")}</p>
      <ProblemNote error={error} />
      <Form.Item
        name="access_token"
        label={t("permission.card_key_name")}
        extra={t("app.sealed")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Input.Password maxLength={1000} autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={sending}>
        {t("permission.keep")}
      </Button>
    </Form>
  );
}

/** Send the seller there; where nobody comes back by themselves, the code can be pasted. */
function ByLink({
  store,
  platform,
  onDone,
}: {
  store: Store;
  platform: Platform;
  onDone: () => void;
}) {
  const { t } = useTranslation("connect");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<{ pasted: string }>();
  const [go] = Form.useForm<object>();
  const grant = useGrant(store, onDone);
  const redirect = wayBack();
  const leaving = useSending(go, async () => {
    const state = newMark();
    const params = { path: { code: store.code } };
    const { data } = await http.POST("/v1/stores/{code}/connection/authorization", {
      params,
      body: { redirect, state },
    });
    if (data === undefined) return;
    const url = new URL(data.url);
    if (!url.protocol.startsWith("http")) return; // what somebody entered leads to pages only
    remember({ store: store.code, state, redirect });
    window.location.assign(url);
  });
  const pasting = useSending(form, async ({ pasted }: { pasted: string }) => {
    const { code, state } = codeIn(pasted);
    if (state !== null && state !== markSent()) {
      // Another seller's permission: our cards would go out for their orders.
      form.setFields([{ name: "pasted", errors: [t("permission.other")] }]);
      return;
    }
    await grant({ code, redirect });
  });
  return (
    <>
      <p>{t("permission.link", { platform: said(platform) })}</p>
      {platform.code_minutes !== null && (
        <p className="soft">{t("permission.minutes", { count: platform.code_minutes })}</p>
      )}
      <ProblemNote error={leaving.error} />
      <Form form={go} onFinish={leaving.submit}>
        <Button type="primary" htmlType="submit" loading={leaving.sending}>
          {t("permission.go", { platform: said(platform) })}
        </Button>
      </Form>
      <Form form={form} layout="vertical" requiredMark="optional" onFinish={pasting.submit}>
        <ProblemNote error={pasting.error} />
        <Form.Item
          name="pasted"
          label={t("permission.pasted")}
          extra={t("permission.pasted_hint")}
          rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
        >
          <Input.Password maxLength={2000} autoComplete="off" visibilityToggle={false} />
        </Form.Item>
        <Button htmlType="submit" loading={pasting.sending}>
          {t("permission.keep")}
        </Button>
      </Form>
    </>
  );
}
