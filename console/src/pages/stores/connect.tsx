import { Alert, Button, Card, Space, Steps } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { paths } from "@/paths";
import { type Change, oneOf, text, useUrl } from "@/table/url";
import { Page, PageSkeleton } from "@/ui/page";
import { Failed, ProblemNote } from "@/ui/problem";
import { ConnectApp } from "./connect-app";
import { ConnectNew } from "./connect-new";
import { ConnectPermission } from "./connect-permission";
import { useFetchListings } from "./fetch";
import { type Store, useStore } from "./frame";
import { ModeSwitch } from "./mode";
import { type Platform, said, usePlatforms } from "./platforms";

const STEPS = ["platform", "app", "permission", "listings", "mode"] as const;
type StepName = (typeof STEPS)[number];

/** From nothing to a store that is watched: one question at a time, and it may be left any time. */
export default function Connect() {
  const { t } = useTranslation("connect");
  const [{ store: code, step }, change] = useUrl({ store: text, step: oneOf(...STEPS) });
  const asked = useStore(code);
  const platforms = usePlatforms();
  const store = code ? asked.data : undefined;
  const platform = platforms.data?.channels.find((each) => each.channel === store?.channel);
  const at = store ? (step ?? reached(store)) : "platform";
  return (
    <Page title={store ? t("title_of", { name: store.name }) : t("title")} about={t("about")}>
      <Failed of={[asked, platforms]} />
      <div className="connect">
        <Steps
          orientation="vertical"
          size="small"
          current={STEPS.indexOf(at)}
          items={STEPS.map((name) => ({
            title: t(`steps.${name}`),
            content: <span className="wide-only">{t(`steps.${name}_hint`)}</span>,
            disabled: !store || name === "platform" || beyond(name, store),
          }))}
          onChange={(place) => change({ step: STEPS[place] ?? null })}
        />
        <Card>
          {code && !store && !asked.error ? (
            <PageSkeleton />
          ) : (
            <Content at={at} store={store} platform={platform} change={change} />
          )}
        </Card>
      </div>
    </Page>
  );
}

function Content({
  at,
  store,
  platform,
  change,
}: {
  at: StepName;
  store: Store | undefined;
  platform: Platform | undefined;
  change: Change;
}) {
  const next = (step: StepName) => change({ step });
  if (store === undefined || at === "platform") {
    return <ConnectNew onOpened={(code) => change({ store: code, step: "app" })} />;
  }
  if (platform === undefined) return <NotInstalled store={store} />;
  if (at === "app") {
    return (
      <ConnectApp
        store={store}
        platform={platform}
        onDone={(granted) => next(granted ? "listings" : "permission")}
      />
    );
  }
  if (at === "permission") {
    return <ConnectPermission store={store} platform={platform} onDone={() => next("listings")} />;
  }
  if (at === "listings") return <Listings store={store} onNext={() => next("mode")} />;
  return <Begin store={store} />;
}

/** The first step that isn't done. */
function reached({ health }: Store): StepName {
  if (health === null) return "app";
  if (health.grant !== "granted") return "permission";
  return health.listings === 0 || health.unmapped > 0 ? "listings" : "mode";
}

function beyond(step: StepName, store: Store): boolean {
  return STEPS.indexOf(step) > STEPS.indexOf(reached(store));
}

function NotInstalled({ store }: { store: Store }) {
  const { t } = useTranslation("connect");
  return <Alert type="warning" showIcon title={t("not_installed", { channel: store.channel })} />;
}

/** Read what is for sale, and map it. A platform that asks us tells of goods with their orders. */
function Listings({ store, onNext }: { store: Store; onNext: () => void }) {
  const { t } = useTranslation("connect");
  const fetch = useFetchListings(store.code);
  const health = store.health;
  const asks = !store.can.includes("fetch_listings");
  const count = health?.listings ?? 0;
  const unmapped = health?.unmapped ?? 0;
  return (
    <div className="connect-step">
      <h2>{t("steps.listings")}</h2>
      {asks && health?.grant === "granted" ? (
        <Addresses code={store.code} />
      ) : (
        <>
          <p>{t("listings.about")}</p>
          <ProblemNote error={fetch.error} />
          <Space wrap>
            <Button
              {...(count === 0 ? { type: "primary" as const } : {})}
              loading={fetch.sending}
              onClick={fetch.send}
            >
              {t(count === 0 ? "listings.fetch" : "listings.again")}
            </Button>
          </Space>
        </>
      )}
      {count > 0 && (
        <Alert
          type={unmapped > 0 ? "warning" : "success"}
          showIcon
          title={t("listings.found", { count, on_sale: health?.on_sale ?? 0 })}
          description={
            unmapped > 0 ? t("listings.unmapped", { count: unmapped }) : t("listings.mapped")
          }
          action={
            unmapped > 0 && (
              <Link to={paths.listings(store.code, { mapped: "false" })}>
                <Button type="primary">{t("listings.map")}</Button>
              </Link>
            )
          }
        />
      )}
      <div>
        <Button
          {...(count > 0 && unmapped === 0 ? { type: "primary" as const } : {})}
          onClick={onNext}
        >
          {t("next")}
        </Button>
      </div>
    </div>
  );
}

/** Where a platform that asks us is to call. */
function Addresses({ code }: { code: string }) {
  const { t } = useTranslation("connect");
  const asked = api.useQuery("get", "/v1/stores/{code}/connection", { params: { path: { code } } });
  return (
    <>
      <p>{t("listings.asks_us")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <ul className="plain-steps">
        {(asked.data?.asked_at ?? []).map((path) => (
          <li key={path}>
            <code className="code">{window.location.origin + path}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How to begin: watching, so that nothing that is done today changes. */
function Begin({ store }: { store: Store }) {
  const { t } = useTranslation("connect");
  const platforms = usePlatforms();
  const platform = platforms.data?.channels.find((each) => each.channel === store.channel);
  const health = store.health;
  if (health === null) return null;
  return (
    <div className="connect-step">
      <h2>{t("steps.mode")}</h2>
      {health.mode === "stopped" ? (
        <>
          <p>{t("mode.about", { platform: platform ? said(platform) : store.channel })}</p>
          <Space wrap>
            <ModeSwitch store={store} from="stopped" to="shadow" verb={t("mode.watch")} />
            <Link to={paths.store(store.code)}>
              <Button>{t("mode.later")}</Button>
            </Link>
          </Space>
          <p className="soft">{t("mode.about_shadow")}</p>
        </>
      ) : (
        <>
          <Alert type="success" showIcon title={t("mode.done", { name: store.name })} />
          <Space wrap>
            <Link to={paths.store(store.code)}>
              <Button type="primary">{t("mode.go")}</Button>
            </Link>
            <Link to={paths.pilot(store.code)}>
              <Button>{t("mode.pilot")}</Button>
            </Link>
          </Space>
        </>
      )}
    </div>
  );
}
