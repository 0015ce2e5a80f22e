import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { Role } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { RoleChoice } from "./staff-invite";

type Person = components["schemas"]["StaffMember"];

/** Give somebody another role; what they may do changes with their next click. */
export function StaffChangeRole({
  person,
  onClose,
}: {
  person: Person | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ role }: { role: Role }) => {
    if (person === null) return;
    const params = { path: { staff_id: person.id } };
    await http.PATCH("/v1/staff/{staff_id}", { params, body: { role } });
    await refresh("/v1/staff", "/v1/me");
    onClose();
    say.done(t("staff.role_changed", { name: person.name, role: shell(`roles.${role}`) }));
  };
  return (
    <FormPanel
      title={t("staff.change_role_title", { name: person?.name ?? "" })}
      verb={t("staff.change_role_verb")}
      open={person !== null}
      onClose={onClose}
      initial={person ? { role: person.role } : {}}
      send={send}
    >
      <RoleChoice />
    </FormPanel>
  );
}
