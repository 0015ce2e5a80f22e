import { Checkbox, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { type Permission, useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Day } from "@/ui/day";
import { endOfDay } from "@/util/time";
import { FormPanel } from "./form";

type KeyMade = components["schemas"]["KeyMade"];

interface Values {
  name: string;
  scopes: Permission[];
  expires_at?: string;
}

/** Make an API key: it may do at most what its maker may. */
export function KeyMake({
  open,
  onClose,
  onMade,
}: {
  open: boolean;
  onClose: () => void;
  onMade: (made: KeyMade) => void;
}) {
  const { t } = useTranslation("settings");
  const { t: shell } = useTranslation("shell");
  const me = useMe();
  const refresh = useRefresh();
  const required = { required: true, message: shell("form.required") };
  const send = async ({ name, scopes, expires_at }: Values) => {
    const until = expires_at ? { expires_at: endOfDay(me.tenant.timezone, expires_at) } : {};
    const { data } = await http.POST("/v1/keys", { body: { name, scopes, ...until } });
    await refresh("/v1/keys");
    onClose();
    if (data) onMade(data);
  };
  return (
    <FormPanel<Values>
      title={t("keys.make")}
      about={t("keys.make_about")}
      verb={t("keys.make_verb")}
      open={open}
      onClose={onClose}
      initial={{ scopes: [] }}
      send={send}
    >
      <Form.Item name="name" label={t("keys.name")} rules={[{ ...required, whitespace: true }]}>
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
      <Form.Item name="scopes" label={t("keys.scopes")} rules={[required]}>
        <Checkbox.Group
          style={{ display: "grid", gap: 4 }}
          options={me.permissions.map((scope) => ({
            value: scope,
            label: <ScopeWords scope={scope} />,
          }))}
        />
      </Form.Item>
      <Form.Item name="expires_at" label={t("keys.expires")} extra={t("keys.expires_hint")}>
        <Day />
      </Form.Item>
    </FormPanel>
  );
}

/** A permission in words, with its code. */
export function ScopeWords({ scope }: { scope: Permission }) {
  const { t } = useTranslation("states");
  const words = t(`permission.${scope.replace(".", "_")}` as never, { defaultValue: scope });
  return (
    <>
      {words} <span className="code soft">{scope}</span>
    </>
  );
}
