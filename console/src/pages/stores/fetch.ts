import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";

/** Read from the platform what the store has for sale: it shows as well whether we get through. */
export function useFetchListings(
  code: string,
  onDone?: () => void,
): { sending: boolean; error: unknown; send: () => Promise<void> } {
  const { t } = useTranslation("stores");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const refresh = useRefresh();
  const say = useSay();
  const send = async () => {
    setSending(true);
    setError(null);
    try {
      await http.POST("/v1/stores/{code}/listings/fetch", { params: { path: { code } } });
      await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/listings");
      say.done(t("connection.fetched"));
      onDone?.();
    } catch (refused) {
      setError(refused);
      say.failed(refused);
    } finally {
      setSending(false);
    }
  };
  return { sending, error, send };
}
