import {
  Alert,
  Button,
  Collapse,
  Drawer,
  Form,
  Input,
  InputNumber,
  Skeleton,
  Space,
  Steps,
} from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSending } from "@/forms/form";
import { paths } from "@/paths";
import type { Change } from "@/table/url";
import { Act } from "@/ui/act";
import { Word } from "@/ui/badge";
import { Failed, ProblemNote, useSay } from "@/ui/problem";
import { TriedNote, useTest } from "./connection";
import { type ProtocolWords, useProtocols } from "./protocols";
import type { Supplier } from "./shown";

type Protocol = components["schemas"]["ProtocolShown"];
type Login = components["schemas"]["SupplierConnectionShown"];
interface Values {
  account: string;
  secret?: string;
  base_url?: string;
  prices_every_s: number;
  options?: Record<string, string | undefined>;
}

const HIDDEN = "•••"; // as the server writes a secret that is there
const ADDRESS = /^https?:\/\/[^\s?#@\\]+$/;
const EVERY_S = 60;

/** Connect a supplier step by step: which protocol, which login, does it work. */
export function Connect({
  supplier,
  open,
  protocol,
  change,
  onClose,
}: {
  supplier: Supplier;
  open: boolean;
  protocol: string | undefined;
  change: Change;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const [saved, setSaved] = useState(false);
  const close = () => {
    setSaved(false);
    onClose();
  };
  const step = protocol === undefined ? 0 : saved ? 2 : 1;
  return (
    <Drawer
      title={t("steps.title", { name: supplier.name })}
      open={open}
      onClose={close}
      size={640}
      styles={{ wrapper: { maxWidth: "100vw" } }}
      destroyOnHidden
    >
      <div className="stack">
        <Steps
          size="small"
          current={step}
          items={[
            { title: t("steps.protocol") },
            { title: t("steps.login") },
            { title: t("steps.test") },
          ]}
        />
        {step === 0 && <Protocols onPick={(name) => change({ protocol: name })} />}
        {step === 1 && protocol !== undefined && (
          <LoginForm
            supplier={supplier}
            protocol={protocol}
            onBack={() => change({ protocol: null })}
            onSaved={() => setSaved(true)}
          />
        )}
        {step === 2 && <TryIt supplier={supplier} onFix={() => setSaved(false)} onClose={close} />}
      </div>
    </Drawer>
  );
}

/** The protocols that are installed, found by name; each says what it sells. */
function Protocols({ onPick }: { onPick: (name: string) => void }) {
  const { t } = useTranslation("suppliers");
  const words = useProtocols();
  const [typed, setTyped] = useState("");
  const asked = api.useQuery("get", "/v1/supplier-protocols", {});
  const wanted = typed.trim().toLowerCase();
  const found = (asked.data ?? [])
    .map((each) => ({ ...each, ...words(each.protocol) }))
    .filter(({ name, protocol }) => `${name} ${protocol}`.toLowerCase().includes(wanted));
  return (
    <>
      <p className="soft">{t("steps.which")}</p>
      <Input
        aria-label={t("steps.find")}
        placeholder={t("steps.find")}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        allowClear
      />
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active title={false} paragraph={{ rows: 8 }} />}
      <ul className="choice-list">
        {found.map((each) => (
          <li key={each.protocol}>
            <button type="button" onClick={() => onPick(each.protocol)}>
              <strong>{each.name}</strong>
              <span className="soft">{each.about}</span>
              <span className="price-note">
                {each.goods.map((goods, place) => (
                  <span key={goods}>
                    {place > 0 && " · "}
                    <Word of="goods" value={goods} />
                  </span>
                ))}
                {each.currency !== "CNY" && ` · ${each.currency}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {asked.data && found.length === 0 && <p className="soft">{t("steps.nothing")}</p>}
    </>
  );
}

/** Account, secret, address and options of a protocol, each named as its vendor names it. */
function LoginForm({
  supplier,
  protocol,
  onBack,
  onSaved,
}: {
  supplier: Supplier;
  protocol: string;
  onBack: () => void;
  onSaved: () => void;
}) {
  const protocols = api.useQuery("get", "/v1/supplier-protocols", {});
  const asked = api.useQuery(
    "get",
    "/v1/suppliers/{code}/connection",
    { params: { path: { code: supplier.code } } },
    { enabled: supplier.protocol !== null },
  );
  const about = protocols.data?.find((each) => each.protocol === protocol);
  if (about === undefined || (supplier.protocol !== null && asked.data === undefined)) {
    return <Failed of={[protocols, asked]} />;
  }
  const before = asked.data?.protocol === protocol ? asked.data : undefined;
  return <Fields {...{ supplier, about, before, onBack, onSaved }} />;
}

function Fields({
  supplier,
  about,
  before,
  onBack,
  onSaved,
}: {
  supplier: Supplier;
  about: Protocol;
  before: Login | undefined;
  onBack: () => void;
  onSaved: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const { t: shell } = useTranslation("shell");
  const words = useProtocols()(about.protocol);
  const refresh = useRefresh();
  const [form] = Form.useForm<Values>();
  const account = Form.useWatch("account", form);
  const address = Form.useWatch("base_url", form);
  const same = before?.account === account?.trim() && before?.base_url === (address?.trim() ?? "");
  const { sending, error, submit } = useSending<Values>(form, async (values) => {
    const body = {
      protocol: about.protocol,
      account: values.account.trim(),
      secret: values.secret?.trim() || null,
      base_url: values.base_url?.trim() ?? "",
      options: given(values.options),
      prices_every_s: values.prices_every_s,
    };
    const params = { path: { code: supplier.code } };
    await http.PUT("/v1/suppliers/{code}/connection", { params, body });
    await refresh("/v1/suppliers/{code}/connection", "/v1/supplier-overview", "/v1/prices");
    onSaved();
  });
  const required = { required: true, whitespace: true, message: shell("form.required") };
  const initial: Values = {
    account: before?.account ?? "",
    base_url: before?.base_url ?? "",
    prices_every_s: before?.prices_every_s ?? EVERY_S,
    options: before?.options ?? {},
  };
  const secretHint = before && (same ? t("steps.secret_stays") : t("steps.secret_again"));
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark="optional"
      initialValues={initial}
      onFinish={submit}
      preserve={false}
      autoComplete="off"
    >
      <Alert type="info" showIcon title={words.name} description={words.about} />
      <div style={{ height: 12 }} />
      <ProblemNote error={error} />
      <Form.Item name="account" label={words.account} rules={[required]}>
        <Input autoComplete="off" autoCapitalize="none" maxLength={1_000} />
      </Form.Item>
      <Form.Item
        name="secret"
        label={words.secret}
        extra={secretHint}
        rules={before && same ? [] : [required]}
      >
        <Input.Password autoComplete="new-password" maxLength={10_000} />
      </Form.Item>
      <Form.Item
        name="base_url"
        label={words.address}
        rules={[
          ...(words.needsAddress ? [required] : []),
          { pattern: ADDRESS, message: t("steps.address_rule") },
        ]}
      >
        <Input inputMode="url" placeholder="https://" autoComplete="off" maxLength={500} />
      </Form.Item>
      <MoreFields words={words} about={about} before={before} />
      <Space>
        <Button type="primary" htmlType="submit" loading={sending}>
          {t("steps.save")}
        </Button>
        <Button onClick={onBack}>{t("steps.back")}</Button>
      </Space>
    </Form>
  );
}

function MoreFields({
  words,
  about,
  before,
}: {
  words: ProtocolWords;
  about: Protocol;
  before: Login | undefined;
}) {
  const { t } = useTranslation("suppliers");
  const help = new Map(words.options);
  const names = new Set([
    ...help.keys(),
    ...about.secret_options,
    ...Object.keys(before?.options ?? {}),
  ]);
  const fields = (
    <>
      {[...names].map((name) => {
        const hidden = about.secret_options.includes(name);
        return (
          <Form.Item
            key={name}
            name={["options", name]}
            label={<span className="code">{name}</span>}
            extra={
              <>
                {help.get(name)} {before?.options[name] === HIDDEN && t("steps.option_stays")}
              </>
            }
          >
            {hidden ? (
              <Input.Password autoComplete="new-password" maxLength={10_000} />
            ) : (
              <Input autoComplete="off" autoCapitalize="none" maxLength={10_000} />
            )}
          </Form.Item>
        );
      })}
      <Form.Item name="prices_every_s" label={t("steps.every")} extra={t("steps.every_hint")}>
        <InputNumber min={5} max={86_400} precision={0} />
      </Form.Item>
    </>
  );
  return (
    <Collapse
      ghost
      style={{ marginBottom: 12 }}
      items={[{ key: "more", label: t("steps.advanced"), children: fields, forceRender: true }]}
    />
  );
}

/** What was filled in, without what is empty. */
function given(options: Values["options"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options ?? {}).flatMap(([name, value]) =>
      value?.trim() ? [[name, value.trim()]] : [],
    ),
  );
}

/** Try it, say how it went, and either go on or put it right. */
function TryIt({
  supplier,
  onFix,
  onClose,
}: {
  supplier: Supplier;
  onFix: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const say = useSay();
  const { tried, error, busy, test } = useTest(supplier.code);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as soon as it is saved
  useEffect(() => void test(), []);
  const stop = async () => {
    try {
      const params = { path: { code: supplier.code } };
      await http.POST("/v1/suppliers/{code}/connection/stop", { params });
      await refresh("/v1/suppliers/{code}/connection", "/v1/supplier-overview", "/v1/prices");
      say.done(t("connection.stopped"));
      onClose();
    } catch (refused) {
      say.failed(refused);
    }
  };
  const toOffers = () => navigate(paths.offers({ supplier: supplier.code, mapped: "false" }));
  return (
    <>
      {busy && <p role="status">{t("steps.saved")}</p>}
      <ProblemNote error={error} />
      {tried && <p>{t(tried.ok ? "steps.test_ok" : "steps.test_failed")}</p>}
      {tried && <TriedNote tried={tried} />}
      <Space wrap>
        {tried?.ok && (
          <Button type="primary" onClick={toOffers}>
            {t("steps.finish")}
          </Button>
        )}
        {tried && !tried.ok && (
          <Button type="primary" onClick={onFix}>
            {t("steps.fix")}
          </Button>
        )}
        <Button loading={busy} onClick={test}>
          {t("steps.again")}
        </Button>
        {tried && !tried.ok && <Act onClick={stop}>{t("steps.stop")}</Act>}
        {tried && <Button onClick={onClose}>{t("steps.close")}</Button>}
      </Space>
    </>
  );
}
