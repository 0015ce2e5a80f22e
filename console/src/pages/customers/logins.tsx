import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { AgentLogin } from "@/forms/agent-login";
import { useConfirm } from "@/forms/form";
import type { Column } from "@/table/columns";
import { List } from "@/table/list";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Once } from "@/ui/once";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";

type Login = components["schemas"]["LoginShown"];
type Made = components["schemas"]["LoginMade"];

/** What an agent's systems sign in as. */
export function Logins({ code }: { code: string }) {
  const { t } = useTranslation("customers");
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const asked = api.useQuery("get", "/v1/customers/{code}/logins", { params: { path: { code } } });
  return (
    <>
      <List<Login>
        name="agent-logins"
        label={t("logins.label")}
        columns={useColumns()}
        rows={asked.data?.logins}
        keyOf={(login) => login.id}
        asked={asked}
        filters={
          <>
            <Button type="primary" onClick={() => setMaking(true)}>
              {t("logins.make")}
            </Button>
            <span className="soft">{t("logins.about")}</span>
          </>
        }
        empty={<Empty title={t("logins.empty")}>{t("logins.empty_hint")}</Empty>}
      />
      <AgentLogin code={code} open={making} onClose={() => setMaking(false)} onMade={setMade} />
      <Once
        title={t("logins.once_title", { name: made?.login.name ?? "" })}
        about={
          made &&
          t(made.app_secret ? "logins.once_agiso" : "logins.once_about", {
            address: window.location.origin + made.login.address,
            key: made.login.api_key,
            number: made.login.user_number,
          })
        }
        secret={made && toldOf(made)}
        onClose={() => setMade(null)}
      />
    </>
  );
}

/** Its secret; where the dialect has two, each with its name. */
function toldOf({ secret, app_secret }: Made): string {
  return app_secret ? `secret: ${secret}\napp_secret: ${app_secret}` : secret;
}

function useColumns(): Column<Login>[] {
  const { t } = useTranslation("customers");
  return [
    { name: "name", title: t("logins.name"), of: (login) => login.name },
    {
      name: "dialect",
      title: t("logins.dialect"),
      of: (login) =>
        t(`logins.dialects.${login.dialect}` as never, { defaultValue: login.dialect }),
    },
    {
      name: "state",
      title: t("logins.state"),
      of: (login) => <Badge of="key" value={login.revoked_at ? "revoked" : "active"} />,
    },
    {
      name: "address",
      title: t("logins.address"),
      of: (login) => <span className="code">{window.location.origin + login.address}</span>,
    },
    {
      name: "key",
      title: t("logins.key"),
      of: (login) => <span className="code">{login.api_key}</span>,
    },
    {
      name: "number",
      title: t("logins.number"),
      of: (login) => login.user_number,
      figures: true,
      optional: true,
    },
    { name: "made", title: t("logins.made"), of: (login) => <Time at={login.made_at} /> },
    { name: "acts", title: "", of: (login) => <Revoke login={login} /> },
  ];
}

function Revoke({ login }: { login: Login }) {
  const { t } = useTranslation("customers");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const revoke = () =>
    confirm({
      title: t("logins.revoke_ask", { name: login.name }),
      about: t("logins.revoke_about"),
      verb: t("logins.revoke"),
      danger: true,
      send: async () => {
        await http.DELETE("/v1/logins/{login_id}", { params: { path: { login_id: login.id } } });
        await refresh("/v1/customers/{code}/logins");
        say.done(t("logins.revoked"));
      },
    });
  return (
    <Act
      size="small"
      can={login.revoked_at ? [] : ["revoke"]}
      does="revoke"
      why={t("logins.why_revoked")}
      onClick={revoke}
    >
      {t("logins.revoke")}
    </Act>
  );
}
