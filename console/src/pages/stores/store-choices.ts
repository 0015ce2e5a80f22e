import { api } from "@/api/client";

/** The stores there are, to choose from. */
export function useStoreChoices(): { value: string; label: string }[] {
  const asked = api.useQuery("get", "/v1/stores", { params: { query: { limit: 500 } } });
  return (asked.data?.stores ?? []).map(({ code, name }) => ({ value: code, label: name }));
}
