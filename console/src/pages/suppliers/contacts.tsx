import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { SupplierContact } from "@/forms/supplier-contact";
import type { Change } from "@/table/url";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import type { Supplier } from "./shown";

/** Whom we talk to, for those who deal with it. Erased, nobody has them any more. */
export function Contacts({
  supplier,
  adding,
  change,
}: {
  supplier: Supplier;
  adding: boolean;
  change: Change;
}) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const asked = api.useQuery("get", "/v1/suppliers/{code}/contacts", {
    params: { path: { code: supplier.code } },
  });
  const erase = (contact: { id: string; name: string; role: string }) =>
    confirm({
      title: t("contacts.erase_ask", contact),
      about: t("contacts.erase_about"),
      verb: t("contacts.erase"),
      danger: true,
      send: async () => {
        const params = { path: { contact_id: contact.id } };
        await http.DELETE("/v1/supplier-contacts/{contact_id}", { params });
        await refresh("/v1/suppliers/{code}/contacts");
        say.done(t("contacts.erased"));
      },
    });
  const contacts = asked.data?.contacts;
  return (
    <Part title={t("contacts.title")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {contacts?.length === 0 && <p className="soft">{t("contacts.none")}</p>}
      {contacts?.map((contact) => (
        <div className="line" key={contact.id}>
          <span className="line-main">
            <strong>{contact.role}</strong> {contact.name}
            <span className="price-note">
              {[contact.phone, contact.account].filter(Boolean).join(" · ")}
            </span>
          </span>
          <Button size="small" onClick={() => erase(contact)}>
            {t("contacts.erase")}
          </Button>
        </div>
      ))}
      <Button onClick={() => change({ show: "contact" })}>{t("contacts.add")}</Button>
      <SupplierContact code={supplier.code} open={adding} onClose={() => change({ show: null })} />
    </Part>
  );
}
