import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { paths } from "@/paths";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { Failed } from "@/ui/problem";
import { e4 } from "@/util/money";

/** What a clerk wants to know first: what waits for a person, and money nobody knows the fate of. */
export function Waiting() {
  const { t } = useTranslation("purchases");
  const count = (query: { state?: ("asked" | "held")[]; overdue?: boolean }) => ({
    params: { query: { ...query, limit: 1 } },
  });
  const asked = api.useQuery("get", "/v1/purchases", count({ state: ["asked"] }));
  const held = api.useQuery("get", "/v1/purchases", count({ state: ["held"] }));
  const late = api.useQuery("get", "/v1/purchases", count({ overdue: true }));
  const doubts = api.useQuery("get", "/v1/money-in-doubt");
  const doubt = doubts.data;
  return (
    <>
      <Failed of={[asked, held, late, doubts]} />
      <div className="figures-strip" style={{ marginBottom: 12 }}>
        <Figure
          name={t("waiting.asked")}
          value={<Count value={asked.data?.total} />}
          means={t("waiting.asked_means")}
          to={paths.purchases({ state: "asked" })}
        />
        <Figure
          name={t("waiting.doubt")}
          value={<Money value={doubt?.total} />}
          note={doubt && t("waiting.doubt_note", { count: doubt.orders.length })}
          means={t("waiting.doubt_means")}
          alarm={doubt !== undefined && e4(doubt.total) > 0n}
          to={paths.doubt()}
        />
        <Figure
          name={t("waiting.held")}
          value={<Count value={held.data?.total} />}
          means={t("waiting.held_means")}
          to={paths.purchases({ state: "held" })}
        />
        <Figure
          name={t("waiting.late")}
          value={<Count value={late.data?.total} />}
          means={t("waiting.late_means")}
          alarm={(late.data?.total ?? 0) > 0}
          to={paths.purchases({ overdue: "true" })}
        />
      </div>
    </>
  );
}
