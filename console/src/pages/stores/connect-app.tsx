import { Button, Collapse, Form, Input, Radio, Select, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSending } from "@/forms/form";
import { paths } from "@/paths";
import { Copy } from "@/ui/once";
import { ProblemNote } from "@/ui/problem";
import type { Store } from "./frame";
import { wayBack } from "./permitting";
import { fieldsFor, hint, type Platform, type PlatformField, said, type Way } from "./platforms";

type Connection = components["schemas"]["ConnectionShown"];

interface Values {
  way: Way;
  app_key: string;
  app_secret?: string;
  base_url?: string;
  options?: Record<string, string | undefined>;
}

const HIDDEN = "•••"; // a secret that is kept: it comes so, and goes back so
const ELSEWHERE = "base_url"; // a sandbox's or simulator's address

/** Our application at the platform: key, secret, and what else its adapter asks for. */
export function ConnectApp({
  store,
  platform,
  onDone,
}: {
  store: Store;
  platform: Platform;
  onDone: (granted: boolean) => void;
}) {
  const { t } = useTranslation("connect");
  const connected = store.health !== null;
  const asked = api.useQuery(
    "get",
    "/v1/stores/{code}/connection",
    { params: { path: { code: store.code } } },
    { enabled: connected },
  );
  if (connected && asked.isPending) return <Skeleton active />;
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  return (
    <div className="connect-step">
      <h2>{t("steps.app")}</h2>
      <p>
        {t("app.about", { platform: said(platform) })}{" "}
        {platform.guide && (
          <Link className="underlined" to={paths.guide(platform.guide)}>
            {t("app.guide")}
          </Link>
        )}
      </p>
      {platform.ways.includes("link") && platform.takes_redirect && <Redirect />}
      <AppForm store={store} platform={platform} before={asked.data} onDone={onDone} />
    </div>
  );
}

/** Where the platform is to send sellers back: to be entered in its console. */
function Redirect() {
  const { t } = useTranslation("connect");
  const address = wayBack();
  return (
    <p className="line">
      <span>{t("app.redirect")}</span>
      <span className="code">{address}</span>
      <Copy text={address} />
    </p>
  );
}

function AppForm({
  store,
  platform,
  before,
  onDone,
}: {
  store: Store;
  platform: Platform;
  before: Connection | undefined;
  onDone: (granted: boolean) => void;
}) {
  const { t } = useTranslation("connect");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<Values>();
  const refresh = useRefresh();
  const first = wayOf(platform, before);
  const way = Form.useWatch("way", form) ?? first;
  const required = { required: true, whitespace: true, message: shell("form.required") };
  const fields = fieldsFor(platform, way);
  const { sending, error, submit } = useSending<Values>(form, async (values) => {
    const options = given(platform, way, values.options ?? {}, before);
    const body = {
      app_key: values.app_key.trim(),
      app_secret: values.app_secret?.trim() || HIDDEN,
      base_url: values.base_url?.trim() ?? "",
      options,
    };
    const params = { path: { code: store.code } };
    const { data } = await http.PUT("/v1/stores/{code}/connection", { params, body });
    await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/connection");
    onDone(data?.grant === "granted");
  });
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark="optional"
      autoComplete="off"
      initialValues={initial(first, platform, before)}
      onFinish={submit}
    >
      <ProblemNote error={error} />
      {platform.ways.length > 1 && (
        <Form.Item name="way" label={t("app.way")}>
          <Radio.Group
            vertical
            options={platform.ways.map((each) => ({ value: each, label: t(`ways.${each}`) }))}
          />
        </Form.Item>
      )}
      <Form.Item name="app_key" label={platform.key_name} rules={[required]}>
        <Input maxLength={1000} autoComplete="off" spellCheck={false} />
      </Form.Item>
      <Form.Item
        name="app_secret"
        label={platform.secret_name}
        extra={before ? t("app.kept") : t("app.sealed")}
        rules={before ? [] : [required]}
      >
        <Input.Password
          maxLength={1000}
          autoComplete="new-password"
          placeholder={before ? t("app.kept_short") : ""}
        />
      </Form.Item>
      {fields
        .filter(({ rare }) => !rare)
        .map((field) => (
          <Option key={field.name} field={field} kept={before?.options[field.name] === HIDDEN} />
        ))}
      <Collapse
        ghost
        size="small"
        items={[
          {
            key: "rare",
            label: t("app.rare"),
            forceRender: true,
            children: (
              <>
                {fields
                  .filter(({ rare }) => rare)
                  .map((field) => (
                    <Option
                      key={field.name}
                      field={field}
                      kept={before?.options[field.name] === HIDDEN}
                    />
                  ))}
                <Form.Item
                  name={ELSEWHERE}
                  label={t("app.base_url")}
                  extra={t("app.base_url_hint")}
                >
                  <Input maxLength={500} autoComplete="off" spellCheck={false} />
                </Form.Item>
              </>
            ),
          },
        ]}
      />
      {before?.grant === "granted" && <p className="alarm">{t("app.permits_anew")}</p>}
      <Button type="primary" htmlType="submit" loading={sending} style={{ marginTop: 8 }}>
        {t("app.verb")}
      </Button>
    </Form>
  );
}

/** One option, as its adapter describes it. What is secret is typed blind and never shown again. */
function Option({ field, kept }: { field: PlatformField; kept: boolean }) {
  const { t } = useTranslation("connect");
  const { t: shell } = useTranslation("shell");
  const rules = field.needed && !kept ? [{ required: true, message: shell("form.required") }] : [];
  const extra = kept ? t("app.kept") : hint(field);
  const name = ["options", field.name];
  return (
    <Form.Item name={name} label={said(field)} extra={extra || undefined} rules={rules}>
      {field.choices.length > 0 ? (
        <Select
          allowClear
          placeholder={t("app.none")}
          options={field.choices.map((each) => ({ value: each.value, label: said(each) }))}
        />
      ) : field.hidden ? (
        <Input.Password maxLength={1000} autoComplete="new-password" />
      ) : (
        <Input maxLength={1000} autoComplete="off" spellCheck={false} />
      )}
    </Form.Item>
  );
}

/** How permission came before, or comes usually. */
function wayOf(platform: Platform, before: Connection | undefined): Way {
  const usual = platform.ways[0] ?? "link";
  if (before === undefined) return usual;
  const fits = platform.ways.find((way) =>
    platform.fields.some(({ name, ways }) => ways.includes(way) && name in before.options),
  );
  return fits ?? usual;
}

function initial(way: Way, platform: Platform, before: Connection | undefined): Partial<Values> {
  if (before === undefined) return { way };
  const open = platform.fields.filter(
    ({ name }) => before.options[name] !== undefined && before.options[name] !== HIDDEN,
  );
  return {
    way,
    app_key: before.app_key,
    base_url: before.base_url,
    options: Object.fromEntries(open.map(({ name }) => [name, before.options[name]])),
  };
}

/** What was filled in; secrets that weren't typed anew stay, and what no field asks for does, too. */
function given(
  platform: Platform,
  way: Way,
  typed: Readonly<Record<string, string | undefined>>,
  before: Connection | undefined,
): Record<string, string> {
  const asked = new Set(fieldsFor(platform, way).map(({ name }) => name));
  const all = new Set([...platform.fields.map(({ name }) => name), ...Object.keys(platform.own)]);
  const stays = Object.entries(before?.options ?? {}).filter(
    ([name, value]) => (asked.has(name) && value === HIDDEN) || !all.has(name),
  );
  const filled = Object.entries(typed)
    .filter(([name]) => asked.has(name))
    .map(([name, value]) => [name, value?.trim() ?? ""] as const)
    .filter(([, value]) => value !== "");
  const own = way === "own" ? platform.own : {};
  return { ...Object.fromEntries([...stays, ...filled]), ...own };
}
