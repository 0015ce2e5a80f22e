import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { Stocktake } from "@/pages/stocktakes/panel";
import { useSay } from "@/ui/problem";
import { formatCount } from "@/util/money";
import { FormPanel } from "./form";
import { Reason, refreshStock } from "./stock-freeze";

/** Void what a count missed; what has moved since is left alone. */
export function StocktakePost({
  taken,
  missing,
  onClose,
}: {
  taken: Stocktake | null;
  missing: number;
  onClose: () => void;
}) {
  const { t } = useTranslation("stocktakes");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (body: { reason: string }) => {
    if (taken === null) return;
    const params = { path: { stocktake_id: taken.id } };
    const { data } = await http.POST("/v1/stocktakes/{stocktake_id}/post", { params, body });
    await refresh("/v1/stocktakes", "/v1/stocktakes/{stocktake_id}");
    await refreshStock(refresh);
    onClose();
    say.done(
      t("panel.posted", { count: data?.voided ?? 0 }),
      data?.left_alone ? t("panel.left_alone", { count: data.left_alone }) : undefined,
    );
  };
  const count = formatCount(missing);
  return (
    <FormPanel
      title={t("post.title", { sku: taken?.sku.name, place: taken?.warehouse.name })}
      about={
        <>
          {t("post.about", { count: count as never })}
          {taken?.matched === 0 && <strong className="alarm"> {t("post.none_matched")}</strong>}
        </>
      }
      verb={missing > 0 ? t("post.verb", { count: count as never }) : t("post.verb_none")}
      danger={missing > 0}
      open={taken !== null}
      onClose={onClose}
      send={send}
    >
      <Reason label={t("post.reason")} hint={t("post.reason_hint")} rule={t("post.reason_rule")} />
    </FormPanel>
  );
}
