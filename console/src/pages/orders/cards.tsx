import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { http } from "@/api/client";
import { paths } from "@/paths";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import type { Order } from "./list";

const SHOWN = 20;

/** The cards its lines hold, masked: their last characters, and when somebody first saw them. */
export function Cards({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const lines = order.lines.filter((line) => line.delivered > 0).map((line) => line.line_id);
  const asked = useQuery({
    queryKey: ["get", "/v1/orders/{order_id}", "cards", ...lines],
    enabled: lines.length > 0,
    queryFn: async () => {
      const pages = lines.map((line_id) =>
        http.POST("/v1/stock/cards/search", { body: { line_id } }),
      );
      return (await Promise.all(pages)).flatMap(({ data }) => data?.cards ?? []);
    },
  });
  const cards = asked.data ?? [];
  if (lines.length === 0) return null;
  return (
    <Part title={t("order.cards")}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {cards.slice(0, SHOWN).map((card) => (
        <div key={card.id} className="line">
          <Link
            className="line-name code"
            to={paths.cards({ order: order.order_id, show: card.id })}
          >
            {t("order.card_tail", { tail: card.tail })}
          </Link>
          <span className="line-main soft">
            {card.revealed_at ? (
              <>
                {t("order.seen_at")} <Time at={card.revealed_at} />
              </>
            ) : (
              t("order.not_seen")
            )}
          </span>
          {card.expires_on && (
            <span className="soft figures">
              {t("order.expires")} {card.expires_on}
            </span>
          )}
        </div>
      ))}
      {cards.length > SHOWN && <p className="soft">{t("order.cards_more", { count: SHOWN })}</p>}
    </Part>
  );
}
