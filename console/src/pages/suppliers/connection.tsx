import { Alert, Button, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Fact, Facts } from "@/ui/facts";
import { Copy } from "@/ui/once";
import { Part } from "@/ui/part";
import { Failed, ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { language } from "@/words";
import { useProtocols } from "./protocols";
import type { Supplier } from "./shown";

type Tried = components["schemas"]["TriedShown"];
const READ_ANEW = [
  "/v1/suppliers/{code}/connection",
  "/v1/supplier-overview",
  "/v1/prices",
] as const;

/** How a supplier is reached, and how reading its prices goes; with what can be done about it. */
export function Connection({ supplier, onConnect }: { supplier: Supplier; onConnect: () => void }) {
  const { t } = useTranslation("suppliers");
  const protocols = useProtocols();
  const { tried, error, busy, test } = useTest(supplier.code);
  const why = t("page.why_write");
  const connect = (
    <Act
      can={supplier.can}
      does="connect"
      why={why}
      type={supplier.protocol ? "default" : "primary"}
      onClick={onConnect}
    >
      {t(supplier.protocol ? "connection.change" : "connection.connect")}
    </Act>
  );
  return (
    <Part title={t("connection.title")}>
      {supplier.protocol === null ? (
        <Empty title={t("connection.none")} act={connect}>
          {t("connection.none_hint")}
        </Empty>
      ) : (
        <div className="stack">
          <Facts>
            <Fact name={t("list.state")}>
              <Badge of="footing" value={supplier.footing} />
            </Fact>
            <Fact name={t("connection.protocol")}>{protocols(supplier.protocol).name}</Fact>
            <Fact name={t("connection.prices_ok")}>
              <Time at={supplier.prices_ok_at} />
            </Fact>
            <Fact name={t("connection.said")}>
              {supplier.prices_failures > 0 && (
                <>
                  <span className="code">{supplier.prices_said}</span>{" "}
                  {t("connection.failures", { count: supplier.prices_failures })}
                </>
              )}
            </Fact>
            {supplier.can.includes("connect") ? (
              <Login code={supplier.code} />
            ) : (
              <Fact name={t("connection.account")}>
                <span className="soft">{t("connection.reader")}</span>
              </Fact>
            )}
          </Facts>
          <Space wrap>
            <Act can={supplier.can} does="test" why={why} loading={busy} onClick={test}>
              {t(busy ? "connection.testing" : "connection.test")}
            </Act>
            <OpenOrStop supplier={supplier} />
            {connect}
          </Space>
          <ProblemNote error={error} />
          {tried && <TriedNote tried={tried} />}
        </div>
      )}
    </Part>
  );
}

/** Account, address and options, for those who manage suppliers. Secrets never come back. */
function Login({ code }: { code: string }) {
  const { t } = useTranslation("suppliers");
  const [shown, setShown] = useState(false);
  const asked = api.useQuery("get", "/v1/suppliers/{code}/connection", {
    params: { path: { code } },
  });
  const { data } = asked;
  if (asked.error) {
    return (
      <Fact name={t("connection.account")}>
        <Failed of={[asked]} />
      </Fact>
    );
  }
  if (data === undefined) return null;
  const options = Object.entries(data.options);
  return (
    <>
      <Fact name={t("connection.account")}>
        <span className="code">{data.account}</span>
      </Fact>
      <Fact name={t("connection.secret")}>
        <span className="soft">{t("connection.hidden")}</span>
      </Fact>
      <Fact name={t("connection.address")}>
        {data.base_url ? (
          <span className="code">{data.base_url}</span>
        ) : (
          <span className="soft">{t("connection.own_address")}</span>
        )}
      </Fact>
      <Fact name={t("connection.options")}>
        {options.length > 0 &&
          options.map(([name, value]) => (
            <div key={name} className="code">
              {name} = {value}
            </div>
          ))}
      </Fact>
      <Fact name={t("connection.reads")}>
        {t("connection.every", { count: data.prices_every_s })}
      </Fact>
      <Fact name={t("connection.cans")}>
        {data.can.map((each) => t(`can.${each}`)).join(language() === "zh" ? "、" : ", ")}
      </Fact>
      {data.can.some((each) => each.startsWith("notice")) && (
        <Fact name={t("connection.notice")}>
          {data.notice_url === "" ? (
            <span className="soft">{t("connection.no_notice")}</span>
          ) : shown ? (
            <>
              <span className="code">{data.notice_url}</span> <Copy text={data.notice_url} />
              <div className="soft">{t("connection.notice_hint")}</div>
            </>
          ) : (
            <Button size="small" onClick={() => setShown(true)}>
              {t("connection.show_notice")}
            </Button>
          )}
        </Fact>
      )}
    </>
  );
}

function OpenOrStop({ supplier }: { supplier: Supplier }) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const params = { path: { code: supplier.code } };
  const why = t("page.why_write");
  if (supplier.can.includes("open")) {
    const open = async () => {
      try {
        await http.POST("/v1/suppliers/{code}/connection/open", { params });
        await refresh(...READ_ANEW);
        say.done(t("connection.opened"));
      } catch (refused) {
        say.failed(refused);
      }
    };
    return (
      <Button type="primary" onClick={open}>
        {t("connection.open")}
      </Button>
    );
  }
  const stop = () =>
    confirm({
      title: t("connection.stop_ask", { name: supplier.name }),
      about: t("connection.stop_about"),
      verb: t("connection.stop"),
      danger: true,
      send: async () => {
        await http.POST("/v1/suppliers/{code}/connection/stop", { params });
        await refresh(...READ_ANEW);
        say.done(t("connection.stopped"));
      },
    });
  return (
    <Act can={supplier.can} does="stop" why={why} onClick={stop}>
      {t("connection.stop")}
    </Act>
  );
}

/** Ask the other side for our balance and its first products; nothing is ordered. */
export function useTest(code: string) {
  const [tried, setTried] = useState<Tried | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    setError(null);
    setTried(null);
    try {
      const params = { path: { code } };
      const { data } = await http.POST("/v1/suppliers/{code}/connection/test", { params });
      setTried(data ?? null);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return { tried, error, busy, test };
}

/** How a test went, question by question, in words. */
export function TriedNote({ tried }: { tried: Tried }) {
  const { t } = useTranslation("suppliers");
  return (
    <Alert
      type={tried.ok ? "success" : "error"}
      showIcon
      role="status"
      title={t(tried.ok ? "connection.test_ok" : "connection.test_failed")}
      description={tried.tried.map((each) => (
        <div key={each.what}>
          {each.ok ? "✓" : "✗"} {t(`tried.${each.what}` as "tried.reach")}
          {language() === "zh" ? each.zh : each.en}
        </div>
      ))}
    />
  );
}
