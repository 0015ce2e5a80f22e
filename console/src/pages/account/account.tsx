import { Alert, Button, Card, Space } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { AccountPassword } from "@/forms/account-password";
import { useConfirm } from "@/forms/form";
import { text, useUrl } from "@/table/url";
import { Page } from "@/ui/page";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { SecondFactor } from "./second-factor";

/** One's own account: password, second step, where one is signed in. */
export default function Account() {
  const { t } = useTranslation("account");
  const me = useMe();
  const [{ show }, change] = useUrl({ show: text });
  return (
    <Page
      title={t("title")}
      about={t("about", { login: me.login ?? me.actor, shop: me.tenant.name })}
    >
      <div className="cards">
        {me.must_enrol && (
          <Alert
            type="warning"
            showIcon
            title={t("second.must")}
            description={t("second.must_hint")}
          />
        )}
        <SecondFactor />
        {!me.must_enrol && (
          <Card size="small" title={t("password.title")}>
            <p className="soft">{t("password.about")}</p>
            <Button onClick={() => change({ show: "password" })}>{t("password.change")}</Button>
          </Card>
        )}
        {!me.must_enrol && <Sessions />}
      </div>
      <AccountPassword open={show === "password"} onClose={() => change({ show: null })} />
    </Page>
  );
}

function Sessions() {
  const { t } = useTranslation("account");
  const asked = api.useQuery("get", "/v1/me/sessions");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const end = async (session_id: string) => {
    await http.DELETE("/v1/me/sessions/{session_id}", { params: { path: { session_id } } });
    await refresh("/v1/me/sessions");
    say.done(t("sessions.ended"));
  };
  const endOthers = async () => {
    await http.DELETE("/v1/me/sessions", { params: { query: { keep_this: true } } });
    await refresh("/v1/me/sessions");
    say.done(t("sessions.ended_others"));
  };
  const sessions = asked.data?.sessions ?? [];
  const askOthers = () =>
    confirm({
      title: t("sessions.end_others_ask"),
      about: t("sessions.end_others_about"),
      verb: t("sessions.end_others"),
      danger: true,
      send: endOthers,
    });
  return (
    <Card
      size="small"
      title={t("sessions.title")}
      loading={asked.isPending}
      extra={
        sessions.length > 1 && (
          <Button size="small" onClick={askOthers}>
            {t("sessions.end_others")}
          </Button>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <p className="soft">{t("sessions.about")}</p>
      {sessions.map((session) => (
        <div key={session.id} className="line">
          <span className="line-main">{session.device || t("sessions.unknown")}</span>
          <span className="soft">
            {t("sessions.seen")} <Time at={session.seen_at} />
          </span>
          {session.current ? (
            <strong>{t("sessions.here")}</strong>
          ) : (
            <Space>
              <Button size="small" onClick={() => end(session.id).catch(say.failed)}>
                {t("sessions.end")}
              </Button>
            </Space>
          )}
        </div>
      ))}
    </Card>
  );
}
