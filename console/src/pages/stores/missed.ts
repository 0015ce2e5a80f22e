import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { useSay } from "@/ui/problem";

/** Say that somebody looked at the platform after what it tells no more. */
export function useAcknowledge(code: string): () => void {
  const { t } = useTranslation("stores");
  const confirm = useConfirm();
  const refresh = useRefresh();
  const say = useSay();
  return () =>
    confirm({
      title: t("wrong.acknowledge_ask"),
      about: t("wrong.acknowledge_about"),
      verb: t("wrong.acknowledge"),
      send: async () => {
        const params = { path: { code } };
        await http.POST("/v1/stores/{code}/connection/missed/acknowledge", { params });
        await refresh("/v1/stores", "/v1/stores/{code}");
        say.done(t("wrong.acknowledged"));
      },
    });
}
