import { Form, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { Chooser } from "@/things/chooser";
import { useNames } from "@/things/sought";
import { useSay } from "@/ui/problem";
import { formatCount } from "@/util/money";
import { FormPanel } from "./form";
import { type Lot, Lots } from "./lots";
import { Reason, refreshStock } from "./stock-freeze";
import { useWhole } from "./whole";

interface Values {
  count: number;
  to_warehouse: string;
  reason: string;
}

/** Move the next cards of a lot to another warehouse. */
export function StockTransfer({ lot, onClose }: { lot: Lot | null; onClose: () => void }) {
  const { t } = useTranslation("stock");
  const { t: shell } = useTranslation("shell");
  const whole = useWhole();
  const refresh = useRefresh();
  const say = useSay();
  const [count, setCount] = useState<number | null>(null);
  const [to, setTo] = useState<string>();
  const places = useNames("warehouse", [to]);
  const most = lot?.counts.available ?? 0;
  const close = () => {
    setCount(null);
    onClose();
  };
  const send = async (values: Values) => {
    if (lot === null) return;
    const { data } = await http.POST("/v1/stock/transfers", {
      body: { lot_id: lot.id, ...values },
    });
    await refreshStock(refresh);
    close();
    const place = places.get(values.to_warehouse);
    say.done(t("transfer.done", { count: data?.count ?? values.count, place }));
  };
  return (
    <FormPanel<Values>
      title={t("transfer.title")}
      about={
        <>
          {t("transfer.about")}
          <Lots lots={lot ? [lot] : []} />
        </>
      }
      verb={count ? t("transfer.verb", { count: formatCount(count) }) : t("transfer.verb_none")}
      open={lot !== null}
      onClose={close}
      send={send}
    >
      <Form.Item
        name="count"
        label={t("transfer.count")}
        extra={t("transfer.count_hint", { count: most })}
        rules={[{ required: true, message: shell("form.required") }, ...whole(1, most)]}
      >
        <InputNumber
          precision={0}
          style={{ width: 160 }}
          onChange={(typed: number | null) => setCount(typed)}
        />
      </Form.Item>
      <Form.Item
        name="to_warehouse"
        label={t("transfer.to")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Chooser of="warehouse" except={lot?.warehouse.code} onChange={setTo} />
      </Form.Item>
      <Reason label={t("transfer.reason")} rule={t("freeze.reason_rule")} />
    </FormPanel>
  );
}
