import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { Reservation } from "@/pages/stock/reservations";
import { useSay } from "@/ui/problem";
import { dayIn, endOfDay } from "@/util/time";
import { FormPanel } from "./form";
import { UntilDay } from "./reservation-new";
import { Reason, refreshStock } from "./stock-freeze";

interface Props {
  of: Reservation | null;
  onClose: () => void;
}

/** Let a promise stand until the end of another day. */
export function ReservationExtend({ of, onClose }: Props) {
  const { t } = useTranslation("stock");
  const { timezone } = useMe().tenant;
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ day }: { day: string }) => {
    if (of === null) return;
    const params = { path: { reservation_id: of.id } };
    const body = { until_at: endOfDay(timezone, day) };
    await http.POST("/v1/reservations/{reservation_id}/extend", { params, body });
    await refresh("/v1/reservations");
    onClose();
    say.done(t("reservations.extended"));
  };
  return (
    <FormPanel
      title={t("reservations.extend_title")}
      about={of && `${of.sku.name} · ${of.reason}`}
      verb={t("reservations.extend_verb")}
      open={of !== null}
      onClose={onClose}
      initial={of ? { day: dayIn(timezone, new Date(of.until_at)) } : {}}
      send={send}
    >
      <UntilDay name="day" label={t("reservations.new_until")} />
    </FormPanel>
  );
}

/** End a promise; what it still keeps can be sold again. */
export function ReservationRelease({ of, onClose }: Props) {
  const { t } = useTranslation("stock");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (body: { reason: string }) => {
    if (of === null) return;
    const params = { path: { reservation_id: of.id } };
    await http.POST("/v1/reservations/{reservation_id}/release", { params, body });
    await refresh("/v1/reservations");
    await refreshStock(refresh);
    onClose();
    say.done(t("reservations.released"));
  };
  return (
    <FormPanel
      title={t("reservations.release_title")}
      about={of && t("reservations.release_about", { kept: of.kept })}
      verb={t("reservations.release_verb")}
      open={of !== null}
      onClose={onClose}
      send={send}
    >
      <Reason label={t("reservations.release_reason")} rule={t("freeze.reason_rule")} />
    </FormPanel>
  );
}
