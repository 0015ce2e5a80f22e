import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";

/** What people wrote about it at the exception desk. */
export function Notes({ id }: { id: string }) {
  const { t } = useTranslation("orders");
  const asked = api.useQuery("get", "/v1/desk/notes", { params: { query: { order_id: id } } });
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data?.notes.length === 0) return <p className="soft">{t("order.no_notes")}</p>;
  return asked.data?.notes.map((note) => (
    <p key={note.id}>
      {note.text}{" "}
      <span className="soft">
        {note.who} · <Time at={note.at} />
      </span>
    </p>
  ));
}
