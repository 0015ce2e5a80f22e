import { Button, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { KeyMake, ScopeWords } from "@/forms/key-make";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Once } from "@/ui/once";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";

type Key = components["schemas"]["Key"];
type KeyMade = components["schemas"]["KeyMade"];

/** Accounts of programs. */
export default function Keys() {
  const { t } = useTranslation("settings");
  const [{ sort, show }, change] = useUrl({ sort: text, show: text });
  const [made, setMade] = useState<KeyMade | null>(null);
  const asked = api.useQuery("get", "/v1/keys");
  const make = (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("keys.make")}
    </Button>
  );
  return (
    <Page title={t("keys.title")} about={t("keys.about")} acts={make}>
      <List<Key>
        name="keys"
        label={t("keys.label")}
        rows={asked.data?.keys}
        keyOf={(key) => key.id}
        asked={asked}
        sort={sort}
        change={change}
        columns={[
          {
            name: "name",
            title: t("keys.name"),
            of: (key) => key.name,
            compare: (one, other) => one.name.localeCompare(other.name),
          },
          { name: "id", title: t("keys.id"), of: (key) => <span className="code">{key.id}</span> },
          { name: "scopes", title: t("keys.scopes"), of: (key) => <Scopes of={key.scopes} /> },
          {
            name: "state",
            title: t("keys.state"),
            of: (key) => <Badge of="key" value={stateOf(key)} />,
          },
          {
            name: "used",
            title: t("keys.used"),
            of: (key) => <Time at={key.last_used_at} />,
            compare: (one, other) =>
              (one.last_used_at ?? "").localeCompare(other.last_used_at ?? ""),
          },
          { name: "expires", title: t("keys.expires"), of: (key) => <Time at={key.expires_at} /> },
          {
            name: "made",
            title: t("keys.made"),
            of: (key) => <Time at={key.created_at} />,
            compare: (one, other) => one.created_at.localeCompare(other.created_at),
            optional: true,
          },
          { name: "acts", title: t("keys.acts"), of: (key) => <KeyActs of={key} /> },
        ]}
        empty={
          <Empty title={t("keys.empty")} act={make}>
            {t("keys.empty_hint")}
          </Empty>
        }
      />
      <KeyMake open={show === "new"} onClose={() => change({ show: null })} onMade={setMade} />
      <Once
        title={t("keys.secret_title", { name: made?.key.name ?? "" })}
        about={<span className="code">{t("keys.secret_about", { id: made?.key.id ?? "" })}</span>}
        secret={made?.secret ?? null}
        onClose={() => setMade(null)}
      />
    </Page>
  );
}

function Scopes({ of: scopes }: { of: Key["scopes"] }) {
  const { t } = useTranslation("settings");
  const all = scopes.map((scope) => (
    <div key={scope}>
      <ScopeWords scope={scope} />
    </div>
  ));
  if (scopes.length === 1) return all;
  return (
    <Tooltip title={all}>
      <span>{t("keys.scopes_count", { count: scopes.length })}</span>
    </Tooltip>
  );
}

function KeyActs({ of: key }: { of: Key }) {
  const { t } = useTranslation("settings");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const revoke = async () => {
    await http.DELETE("/v1/keys/{key_id}", { params: { path: { key_id: key.id } } });
    await refresh("/v1/keys");
    say.done(t("keys.revoked_done", { name: key.name }));
  };
  const ask = () =>
    confirm({
      title: t("keys.revoke_ask", { name: key.name }),
      about: t("keys.revoke_about"),
      verb: t("keys.revoke"),
      danger: true,
      send: revoke,
    });
  return (
    <Act size="small" can={key.can} does="revoke" why={t("keys.why_revoked")} onClick={ask}>
      {t("keys.revoke")}
    </Act>
  );
}

function stateOf(key: Key): "active" | "expired" | "revoked" {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) < Date.now() ? "expired" : "active";
}
