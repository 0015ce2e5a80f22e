import { Button, Card, Space } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { paths } from "@/paths";
import { Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Copy } from "@/ui/once";
import { Failed } from "@/ui/problem";
import { Time } from "@/ui/time";
import { useFetchListings } from "./fetch";
import type { Health, Store } from "./frame";
import { Grant, Reading } from "./stand";

/** How it is connected: permission, the last calls, and where the platform tells us of orders. */
export function Connection({ store, health }: { store: Store; health: Health }) {
  const { t } = useTranslation("stores");
  const fetch = useFetchListings(store.code);
  return (
    <Card
      size="small"
      title={t("connection.title")}
      extra={
        <Space>
          {store.can.includes("fetch_listings") && (
            <Button size="small" loading={fetch.sending} onClick={fetch.send}>
              {t("connection.test")}
            </Button>
          )}
          {store.can.includes("connect") && (
            <Link to={paths.connectStore({ store: store.code, step: "app" })}>
              <Button size="small">{t("connection.change")}</Button>
            </Link>
          )}
        </Space>
      }
    >
      <Facts>
        <Fact name={t("list.grant")}>
          <Grant health={health} />
        </Fact>
        <Fact name={t("list.shop")}>{health.shop_name}</Fact>
        <Fact name={t("list.read")}>
          <Reading health={health} />
        </Fact>
        <Fact name={t("connection.ok")}>
          <Time at={health.ok_at} />
        </Fact>
        <Fact name={t("connection.next")}>
          {health.grant === "granted" && health.next_at && <Time at={health.next_at} />}
        </Fact>
        <Fact name={t("list.pushed")}>
          {health.pushed_at ? (
            <Time at={health.pushed_at} />
          ) : (
            <span className="soft">{t("connection.no_push")}</span>
          )}
        </Fact>
        <Fact name={t("connection.said")}>
          {health.said && <Word of="said" value={health.said} />}
        </Fact>
        {store.can.includes("connect") && <Application code={store.code} />}
      </Facts>
    </Card>
  );
}

/** What only who may change it sees: our application there, and the addresses to be given to it. */
function Application({ code }: { code: string }) {
  const { t } = useTranslation("stores");
  const asked = api.useQuery("get", "/v1/stores/{code}/connection", { params: { path: { code } } });
  const connection = asked.data;
  if (asked.error) {
    return (
      <Fact name={t("connection.app")}>
        <Failed of={[asked]} />
      </Fact>
    );
  }
  if (connection === undefined) return null;
  const here = window.location.origin;
  const places = connection.push_at ? [connection.push_at] : connection.asked_at;
  return (
    <>
      <Fact name={t("connection.app")}>
        <span className="code">{connection.app_key}</span>
      </Fact>
      {places.map((path) => (
        <Fact key={path} name={t("connection.address")}>
          <Space wrap>
            <span className="code">{here + path}</span>
            <Copy text={here + path} />
          </Space>
        </Fact>
      ))}
    </>
  );
}
