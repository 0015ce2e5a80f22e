import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { Offer } from "@/pages/offers/columns";
import { useSay } from "@/ui/problem";
import { formatMoney } from "@/util/money";
import { FormPanel } from "./form";
import { READ_ANEW } from "./offer-map";

/** Let a held price pass, or say that it isn't believed: the one that was looked at, and why. */
export function OfferDecide({
  offer,
  deciding,
  onClose,
}: {
  offer: Offer;
  deciding: "release" | "refuse" | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("offers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const releasing = deciding !== "refuse";
  const held = offer.held?.price ?? null;
  const price = formatMoney(held ?? offer.price ?? "0", offer.currency);
  const send = async ({ reason }: { reason: string }) => {
    const params = { path: { offer_id: offer.id } };
    const body = { price: held, reason: reason.trim() };
    if (releasing) await http.POST("/v1/offers/{offer_id}/release", { params, body });
    else await http.POST("/v1/offers/{offer_id}/refuse", { params, body });
    await refresh(...READ_ANEW, "/v1/offers/{offer_id}/prices", "/v1/price-alerts", "/v1/desk");
    onClose();
    say.done(t(releasing ? "held.released" : "held.refused"));
  };
  return (
    <FormPanel<{ reason: string }>
      title={t(releasing ? "held.release_title" : "held.refuse_title", { price })}
      about={t(releasing ? "held.release_about" : "held.refuse_about")}
      verb={t(releasing ? "held.release" : "held.refuse")}
      open={deciding !== null}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="reason"
        label={t("held.reason")}
        extra={t("held.reason_hint")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormPanel>
  );
}
