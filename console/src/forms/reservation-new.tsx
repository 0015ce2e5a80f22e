import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { Chooser } from "@/things/chooser";
import { Day } from "@/ui/day";
import { useSay } from "@/ui/problem";
import { dayIn, endOfDay } from "@/util/time";
import { FormPanel } from "./form";
import { useWhole } from "./whole";

interface Values {
  sku: string;
  quantity: number;
  day: string;
  reason: string;
  store?: string;
  customer?: string;
}

/** Keep some cards of a SKU for somebody, until the end of a day. */
export function ReservationNew({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("stock");
  const whole = useWhole();
  const { t: shell } = useTranslation("shell");
  const { timezone } = useMe().tenant;
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ day, store, customer, ...asked }: Values) => {
    const until_at = endOfDay(timezone, day);
    const whom = { ...(store ? { store } : {}), ...(customer ? { customer } : {}) };
    await http.POST("/v1/reservations", { body: { ...asked, ...whom, until_at } });
    await refresh("/v1/reservations", "/v1/stock", "/v1/stock/skus", "/v1/stock/lots");
    onClose();
    say.done(t("reservations.done", { count: asked.quantity }));
  };
  const required = [{ required: true, message: shell("form.required") }];
  return (
    <FormPanel<Values>
      title={t("reservations.new")}
      about={t("reservations.new_about")}
      verb={t("reservations.new_verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item name="sku" label={t("reservations.sku")} rules={required}>
        <Chooser of="sku" stocked />
      </Form.Item>
      <Form.Item
        name="quantity"
        label={t("reservations.new_quantity")}
        rules={[...required, ...whole(1, 10_000)]}
      >
        <InputNumber precision={0} style={{ width: 160 }} />
      </Form.Item>
      <UntilDay name="day" label={t("reservations.new_until")} />
      <Form.Item
        name="reason"
        label={t("reservations.new_reason")}
        extra={t("reservations.new_reason_hint")}
        rules={[{ required: true, min: 2, whitespace: true, message: t("freeze.reason_rule") }]}
      >
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Whom />
    </FormPanel>
  );
}

/** For whom: their strategy chooses the cards. Only for who may see stores and customers. */
function Whom() {
  const may = useMay();
  return may("orders.read") ? <StoreAndCustomer /> : null;
}

function StoreAndCustomer() {
  const { t } = useTranslation("stock");
  return (
    <>
      <Form.Item name="store" label={t("reservations.new_store")}>
        <Chooser of="store" allowClear />
      </Form.Item>
      <Form.Item name="customer" label={t("reservations.new_customer")}>
        <Chooser of="customer" allowClear />
      </Form.Item>
    </>
  );
}

/** A day of the shop's that isn't over. */
export function UntilDay({ name, label }: { name: string; label: string }) {
  const { t } = useTranslation("stock");
  const today = dayIn(useMe().tenant.timezone);
  return (
    <Form.Item
      name={name}
      label={label}
      rules={[
        { required: true, message: t("reservations.future") },
        {
          validator: (_, day: string | undefined) =>
            day !== undefined && day < today
              ? Promise.reject(new Error(t("reservations.future")))
              : Promise.resolve(),
        },
      ]}
    >
      <Day min={today} width={180} />
    </Form.Item>
  );
}
