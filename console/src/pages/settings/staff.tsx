import { Button, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useConfirm } from "@/forms/form";
import { StaffChangeRole } from "@/forms/staff-change-role";
import { type Link, linkOf, StaffInvite } from "@/forms/staff-invite";
import { StaffResetFactors } from "@/forms/staff-reset-factors";
import { List } from "@/table/list";
import { text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Once } from "@/ui/once";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatExact } from "@/util/time";

type Person = components["schemas"]["StaffMember"];

/** Who may sign in, and as what. */
export default function Staff() {
  const { t } = useTranslation("settings");
  const { t: shell } = useTranslation("shell");
  const zone = useMe().tenant.timezone;
  const [{ sort, show }, change] = useUrl({ sort: text, show: text });
  const [link, setLink] = useState<Link | null>(null);
  const [changing, setChanging] = useState<Person | null>(null);
  const [resetting, setResetting] = useState<Person | null>(null);
  const asked = api.useQuery("get", "/v1/staff");
  const invite = (
    <Button type="primary" onClick={() => change({ show: "invite" })}>
      {t("staff.invite")}
    </Button>
  );
  return (
    <Page title={t("staff.title")} about={t("staff.about")} acts={invite}>
      <List<Person>
        name="staff"
        label={t("staff.label")}
        rows={asked.data?.staff}
        keyOf={(person) => person.id}
        asked={asked}
        sort={sort}
        change={change}
        columns={[
          {
            name: "name",
            title: t("staff.name"),
            of: (person) => person.name,
            compare: (one, other) => one.name.localeCompare(other.name),
          },
          { name: "login", title: t("staff.login"), of: (person) => person.login },
          { name: "role", title: t("staff.role"), of: (person) => shell(`roles.${person.role}`) },
          {
            name: "state",
            title: t("staff.state"),
            of: (person) => <Badge of="staff" value={person.state} />,
          },
          {
            name: "since",
            title: t("staff.since"),
            of: (person) => <Time at={person.created_at} />,
            compare: (one, other) => one.created_at.localeCompare(other.created_at),
          },
          {
            name: "locked",
            title: t("staff.locked"),
            of: (person) => <Time at={person.locked_until} />,
            optional: true,
          },
          {
            name: "acts",
            title: t("staff.acts"),
            of: (person) => (
              <PersonActs
                person={person}
                onLink={setLink}
                onChange={() => setChanging(person)}
                onReset={() => setResetting(person)}
              />
            ),
          },
        ]}
        empty={
          <Empty title={t("staff.empty")} act={invite}>
            {t("staff.empty_hint")}
          </Empty>
        }
      />
      <StaffInvite
        open={show === "invite"}
        onClose={() => change({ show: null })}
        onMade={setLink}
      />
      <StaffChangeRole person={changing} onClose={() => setChanging(null)} />
      <StaffResetFactors person={resetting} onClose={() => setResetting(null)} />
      <Once
        title={t("staff.link_title", { name: link?.name ?? "" })}
        about={link && t("staff.link_about", { until: formatExact(new Date(link.until), zone) })}
        secret={link?.url ?? null}
        onClose={() => setLink(null)}
      />
    </Page>
  );
}

/** What can be done to somebody: what the server's `can` says, the rest with its reason. */
function PersonActs({
  person,
  onLink,
  onChange,
  onReset,
}: {
  person: Person;
  onLink: (link: Link) => void;
  onChange: () => void;
  onReset: () => void;
}) {
  const { t } = useTranslation("settings");
  const me = useMe();
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const params = { path: { staff_id: person.id } };
  const why = me.actor === `staff:${person.id}` ? t("staff.why_self") : t("staff.why_role");
  const become = async (state: "active" | "disabled") => {
    await http.PATCH("/v1/staff/{staff_id}", { params, body: { state } });
    await refresh("/v1/staff");
    const said = state === "active" ? "staff.enabled_done" : "staff.disabled_done";
    say.done(t(said, { name: person.name }));
  };
  const linkAgain = async () => {
    const { data } = await http.POST("/v1/staff/{staff_id}/invitations", { params });
    if (data) onLink({ name: person.name, url: linkOf(data.token), until: data.expires_at });
  };
  const small = { size: "small" as const, can: person.can, why };
  return (
    <Space size={4}>
      <Act {...small} does="change_role" onClick={onChange}>
        {t("staff.change_role")}
      </Act>
      <Act
        {...small}
        does="invite_again"
        onClick={() =>
          confirm({
            title: t("staff.invite_again"),
            about: t("staff.invite_again_about"),
            verb: t("staff.invite_again"),
            send: linkAgain,
          })
        }
      >
        {t("staff.invite_again")}
      </Act>
      <Act {...small} does="remove_second_factor" onClick={onReset}>
        {t("staff.reset")}
      </Act>
      {person.state === "disabled" ? (
        <Act {...small} does="enable" onClick={() => become("active").catch(say.failed)}>
          {t("staff.enable")}
        </Act>
      ) : (
        <Act
          {...small}
          does="disable"
          onClick={() =>
            confirm({
              title: t("staff.disable_ask", { name: person.name }),
              about: t("staff.disable_about"),
              verb: t("staff.disable"),
              danger: true,
              send: () => become("disabled"),
            })
          }
        >
          {t("staff.disable")}
        </Act>
      )}
    </Space>
  );
}
