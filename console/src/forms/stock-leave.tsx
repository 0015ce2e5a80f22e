import { Form, Radio } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { type Lot, Lots } from "./lots";
import { Reason, refreshStock } from "./stock-freeze";

export type Way = "quarantine" | "void" | "return";

/** Which cards leave stock and how: some that were named, or all of a lot's that may. */
export interface Leaving {
  readonly way: Way;
  readonly cardIds?: readonly string[];
  readonly lot?: Lot;
  /** The code of the supplier they all came from. */
  readonly supplier?: string | undefined;
  readonly count: number;
}

const WAYS = ["payable", "recoveries"] as const;

interface Values {
  reason: string;
  against: (typeof WAYS)[number]; // of a return
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
    const named = leaving?.lot
      ? { lot_ids: [leaving.lot.id] }
      : { card_ids: [...(leaving?.cardIds ?? [])] };
    const body = { reason, ...named };
    const { data } =
      way === "quarantine"
        ? await http.POST("/v1/stock/cards/quarantine", { body })
        : way === "void"
          ? await http.POST("/v1/stock/cards/void", { body })
          : await http.POST("/v1/stock/cards/return", {
              body: { ...body, against },
            });
    await refreshStock(refresh);
    onClose();
    onDone?.();
    say.done(t(`leave.done.${way}`, { count: data?.cards ?? count }));
  };
  return (
    <FormPanel<Values>
      title={leaving?.lot ? t(`leave.title_lot.${way}`) : t(`leave.title.${way}`, { count })}
      about={
        <>
          {t(`leave.about.${way}`)} {leaving?.lot && t("leave.lot_count", { count })}
          <Lots lots={leaving?.lot ? [leaving.lot] : []} />
        </>
      }
      verb={t(`leave.verb.${way}`, { count })}
      danger
      open={leaving !== null}
      onClose={onClose}
      send={send}
    >
      {way === "return" && <Against supplier={leaving?.supplier} />}
      <Reason label={t("leave.reason")} rule={t("leave.reason_rule")} />
    </FormPanel>
  );
}

/** What they are set off against: first what fits how this supplier is paid. */
function Against({ supplier }: { supplier: string | undefined }) {
  const { t } = useTranslation("stock");
  const { t: shell } = useTranslation("shell");
  const form = Form.useFormInstance<Values>();
  // Quiet: where terms can't be read, it is chosen by hand.
  const { data: terms } = api.useQuery(
    "get",
    "/v1/suppliers/{code}/terms",
    { params: { path: { code: supplier ?? "" } } },
    { enabled: supplier !== undefined },
  );
  const fits =
    terms && (terms.settlement === "prepaid" ? ("recoveries" as const) : ("payable" as const));
  useEffect(() => {
    if (fits && !form.isFieldTouched("against")) form.setFieldValue("against", fits);
  }, [fits, form]);
  const ways = fits === "recoveries" ? WAYS.toReversed() : WAYS;
  return (
    <Form.Item
      name="against"
      label={t("leave.against")}
      rules={[{ required: true, message: shell("form.required") }]}
    >
      <Radio.Group
        vertical
        options={ways.map((value) => ({ value, label: t(`leave.${value}`) }))}
      />
    </Form.Item>
  );
}
