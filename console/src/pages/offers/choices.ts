import { api } from "@/api/client";
import { language } from "@/words";

interface Choice {
  readonly value: string;
  readonly label: string;
}

const MOST = 500;

/** Every SKU that is sold, to choose from. */
export function useSkuChoices(): Choice[] {
  const query = { state: "active" as const, limit: MOST };
  const { data } = api.useQuery("get", "/v1/skus", { params: { query } });
  return (data?.skus ?? []).map(({ code, name_zh, name_en }) => ({
    value: code,
    label: `${language() === "zh" ? name_zh : name_en}（${code}）`,
  }));
}

/** Every supplier, to choose from. */
export function useSupplierChoices(): Choice[] {
  const { data } = api.useQuery("get", "/v1/suppliers", { params: { query: { limit: MOST } } });
  return (data?.suppliers ?? []).map(({ code, name }) => ({ value: code, label: name }));
}
