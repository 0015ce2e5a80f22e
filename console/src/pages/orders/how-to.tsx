import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { components } from "@/api/schema";
import { Copy } from "@/ui/once";
import { Part } from "@/ui/part";
import { Failed } from "@/ui/problem";
import { language } from "@/words";
import { nameOf } from "./columns";
import type { Order } from "./list";

type Redemption = components["schemas"]["RedemptionShown"];

/** How the buyer uses what they got: the brand's own steps, to be sent to them as they are. */
export function HowTo({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  const names = new Map(order.lines.map((line) => [line.sku, nameOf(line)]));
  const asked = useQueries({
    queries: [...names.keys()].map((code) => ({
      queryKey: ["get", "/v1/skus/{code}", { params: { path: { code } } }],
      queryFn: async () =>
        (await http.GET("/v1/skus/{code}", { params: { path: { code } } })).data ?? null,
    })),
  });
  const textOf = (redemption: Redemption) => {
    const chinese = language() === "zh";
    const steps = chinese ? redemption.steps_zh : redemption.steps_en;
    const devices = chinese ? redemption.devices_zh : redemption.devices_en;
    const validity = chinese ? redemption.validity_zh : redemption.validity_en;
    return [
      ...steps.map((step, place) => `${place + 1}. ${step}`),
      redemption.url && `${t("order.redeem_at")} ${redemption.url}`,
      devices && `${t("order.devices")} ${devices}`,
      validity && `${t("order.valid")} ${validity}`,
    ]
      .filter(Boolean)
      .join("\n");
  };
  const known = asked.flatMap(({ data }) => (data ? [data] : []));
  const told = known
    .map((sku) => ({ code: sku.code, text: textOf(sku.redemption) }))
    .filter(({ text }) => text !== "");
  if (told.length === 0) return <Failed of={asked} />;
  return (
    <Part title={t("order.how_to")}>
      <Failed of={asked} />
      {told.map(({ code, text }) => (
        <div key={code} className="how-to">
          <strong>{names.get(code)}</strong>
          <p className="steps">{text}</p>
          <Copy text={`${names.get(code)}\n${text}`} label={t("order.copy_steps")} />
        </div>
      ))}
    </Part>
  );
}
