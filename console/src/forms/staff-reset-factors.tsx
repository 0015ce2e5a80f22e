import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { AccountProof } from "./account-proof";

type Person = components["schemas"]["StaffMember"];

/** Take all second factors from somebody who lost them; whoever does it proves who they are. */
export function StaffResetFactors({
  person,
  onClose,
}: {
  person: Person | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("settings");
  const say = useSay();
  return (
    <AccountProof
      fresh={false}
      onClose={onClose}
      deed={
        person && {
          title: t("staff.reset_ask", { name: person.name }),
          about: t("staff.reset_about"),
          verb: t("staff.reset"),
          danger: true,
          send: async (body) => {
            const params = { path: { staff_id: person.id } };
            await http.POST("/v1/staff/{staff_id}/second-factor/remove", { params, body });
            say.done(t("staff.reset_done", { name: person.name }));
          },
        }
      }
    />
  );
}
