import { Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { type Role, useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { FormPanel } from "./form";

const ROLES: readonly Role[] = ["ops", "service", "finance", "auditor", "owner"];

export interface Link {
  name: string;
  url: string;
  until: string;
}

/** Where somebody opens a one-time link; its token is in the fragment, which no server sees. */
export function linkOf(token: string): string {
  return `${window.location.origin}/join#${token}`;
}

/** Invite somebody: the link is told once. */
export function StaffInvite({
  open,
  onClose,
  onMade,
}: {
  open: boolean;
  onClose: () => void;
  onMade: (link: Link) => void;
}) {
  const { t } = useTranslation("settings");
  const refresh = useRefresh();
  const send = async (body: { name: string; login: string; role: Role }) => {
    const { data } = await http.POST("/v1/invitations", { body });
    if (data === undefined) return;
    await refresh("/v1/staff");
    onClose();
    onMade({ name: body.name, url: linkOf(data.token), until: data.expires_at });
  };
  return (
    <FormPanel
      title={t("staff.invite")}
      about={t("staff.invite_about")}
      verb={t("staff.invite_verb")}
      open={open}
      onClose={onClose}
      initial={{ role: "ops" }}
      send={send}
    >
      <StaffName />
      <Form.Item
        name="login"
        label={t("staff.login")}
        rules={[
          {
            required: true,
            pattern: /^[A-Za-z0-9][A-Za-z0-9._@+-]{1,63}$/,
            message: t("staff.login_rule"),
          },
        ]}
      >
        <Input autoComplete="off" autoCapitalize="none" maxLength={64} />
      </Form.Item>
      <RoleChoice />
    </FormPanel>
  );
}

function StaffName() {
  const { t } = useTranslation("settings");
  const { t: shell } = useTranslation("shell");
  return (
    <Form.Item
      name="name"
      label={t("staff.name")}
      rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
    >
      <Input autoComplete="off" maxLength={60} />
    </Form.Item>
  );
}

/** The roles, each with what it may do. Only an owner gives everything. */
export function RoleChoice() {
  const { t } = useTranslation("settings");
  const me = useMe();
  const given = ROLES.filter((role) => role !== "owner" || me.role === "owner");
  return (
    <Form.Item name="role" label={t("staff.role")} rules={[{ required: true }]}>
      <Radio.Group
        vertical
        options={given.map((role) => ({ value: role, label: t(`staff.roles_about.${role}`) }))}
      />
    </Form.Item>
  );
}
