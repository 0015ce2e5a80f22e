import { Form, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { Reason, refreshStock } from "./stock-freeze";

export type Way = "quarantine" | "void" | "return";

/** Which cards leave stock and how: some that were named, or all of a lot's that may. */
export interface Leaving {
  readonly way: Way;
  readonly cardIds?: readonly string[];
  readonly lotId?: string;
  readonly count: number;
}

interface Values {
  reason: string;
  against?: "payable" | "recoveries";
}

/** Take cards out of stock: doubtful, dead, or back to their supplier. */
export function StockLeave({
  leaving,
  onClose,
  onDone,
}: {
  leaving: Leaving | null;
  onClose: () => void;
  onDone?: () => void;
}) {
  const { t } = useTranslation("stock");
  const refresh = useRefresh();
  const say = useSay();
  const way = leaving?.way ?? "void";
  const count = leaving?.count ?? 0;
  const send = async ({ reason, against }: Values) => {
    const named = leaving?.lotId
      ? { lot_ids: [leaving.lotId] }
      : { card_ids: [...(leaving?.cardIds ?? [])] };
    const body = { reason, ...named };
    const { data } =
      way === "quarantine"
        ? await http.POST("/v1/stock/cards/quarantine", { body })
        : way === "void"
          ? await http.POST("/v1/stock/cards/void", { body })
          : await http.POST("/v1/stock/cards/return", {
              body: { ...body, against: against ?? "payable" },
            });
    await refreshStock(refresh);
    onClose();
    onDone?.();
    say.done(t(`leave.done.${way}`, { count: data?.cards ?? count }));
  };
  return (
    <FormPanel<Values>
      title={leaving?.lotId ? t(`leave.title_lot.${way}`) : t(`leave.title.${way}`, { count })}
      about={
        <>
          {t(`leave.about.${way}`)} {leaving?.lotId && t("leave.lot_count", { count })}
        </>
      }
      verb={t(`leave.verb.${way}`, { count })}
      danger
      open={leaving !== null}
      onClose={onClose}
      initial={{ against: "payable" }}
      send={send}
    >
      {way === "return" && (
        <Form.Item name="against" label={t("leave.against")}>
          <Radio.Group
            vertical
            options={[
              { value: "payable", label: t("leave.payable") },
              { value: "recoveries", label: t("leave.recoveries") },
            ]}
          />
        </Form.Item>
      )}
      <Reason label={t("leave.reason")} rule={t("leave.reason_rule")} />
    </FormPanel>
  );
}
