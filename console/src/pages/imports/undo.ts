import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { useSay } from "@/ui/problem";

/** Take an import back, after asking. */
export function useUndo(onUndone?: () => void): (id: string, cards: number) => void {
  const { t } = useTranslation("imports");
  const confirm = useConfirm();
  const refresh = useRefresh();
  const say = useSay();
  return (id, cards) =>
    confirm({
      title: t("one.undo_ask"),
      about: t("one.undo_about", { count: cards }),
      verb: t("one.undo_verb"),
      danger: true,
      send: async () => {
        await http.POST("/v1/imports/{import_id}/undo", { params: { path: { import_id: id } } });
        onUndone?.();
        say.done(t("one.undone"));
        await refresh("/v1/imports", "/v1/imports/{import_id}", "/v1/stock", "/v1/stock/lots");
      },
    });
}
