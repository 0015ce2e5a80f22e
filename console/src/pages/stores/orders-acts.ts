import { http } from "@/api/client";
import type { components } from "@/api/schema";

export type ShopOrder = components["schemas"]["ShopOrderShown"];
export type OrderAct = "release" | "take_over" | "try_again" | "hand_over";
export const ORDER_ACTS: readonly OrderAct[] = ["release", "take_over", "try_again", "hand_over"];

/** Do the same about many orders: tells of how many it wasn't done, and why. */
export async function actOn(act: OrderAct, ids: string[]): Promise<string[]> {
  if (act === "release" || act === "take_over") {
    const body = { ids, take_over: act === "take_over" };
    const { data } = await http.POST("/v1/shop-orders/release", { body });
    return (data?.shop_orders ?? []).flatMap(({ obstacle }) => (obstacle ? [obstacle] : []));
  }
  const { data } =
    act === "try_again"
      ? await http.POST("/v1/shop-orders/try-again", { body: { ids } })
      : await http.POST("/v1/shop-orders/handed-over", { body: { ids } });
  return (data?.outcomes ?? []).flatMap(({ problem }) => (problem ? [problem.detail] : []));
}
