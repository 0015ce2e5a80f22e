import { Alert, Button, Card, Segmented, Space } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { usePreferences } from "@/api/preferences";
import { useRefresh } from "@/api/refresh";
import { AccountPassword } from "@/forms/account-password";
import { useConfirm } from "@/forms/form";
import { text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Page } from "@/ui/page";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time, useNow, useZone } from "@/ui/time";
import { ZoneSelect } from "@/ui/zone";
import { formatExact } from "@/util/time";
import { type Language, speak } from "@/words";
import { SecondFactor } from "./second-factor";

const SHOPS = "shop"; // no zone of one's own

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
        {!me.must_enrol && <Speaking />}
        {!me.must_enrol && <Sessions />}
      </div>
      <AccountPassword open={show === "password"} onClose={() => change({ show: null })} />
    </Page>
  );
}

/** In which language, and by which clocks, the console speaks to this person. */
function Speaking() {
  const { t, i18n } = useTranslation("account");
  const { timezone } = useMe().tenant;
  const [preferences, keep] = usePreferences();
  const zone = useZone();
  const now = useNow();
  const turn = async (next: Language) => {
    await speak(next);
    await http.PATCH("/v1/me", { body: { language: next } });
  };
  const move = (chosen: string) =>
    keep(({ timezone: _, ...rest }) => (chosen === SHOPS ? rest : { ...rest, timezone: chosen }));
  return (
    <Card size="small" title={t("speaking.title")}>
      <div className="line">
        <span className="line-name">{t("speaking.language")}</span>
        <Segmented<Language>
          aria-label={t("speaking.language")}
          value={i18n.language === "en" ? "en" : "zh"}
          options={[
            { value: "zh", label: "中文" },
            { value: "en", label: "English" },
          ]}
          onChange={(next) => void turn(next)}
        />
      </div>
      <div className="line">
        <span className="line-name">{t("speaking.zone")}</span>
        <ZoneSelect
          aria-label={t("speaking.zone")}
          value={preferences.timezone ?? SHOPS}
          first={{ value: SHOPS, label: t("speaking.shops", { zone: timezone }) }}
          onChange={move}
        />
        <span className="soft">{formatExact(new Date(now), zone)}</span>
      </div>
      <p className="soft">{t("speaking.about")}</p>
    </Card>
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
              <Act size="small" onClick={() => end(session.id).catch(say.failed)}>
                {t("sessions.end")}
              </Act>
            </Space>
          )}
        </div>
      ))}
    </Card>
  );
}
