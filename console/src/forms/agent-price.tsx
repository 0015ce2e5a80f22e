import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Chooser } from "@/things/chooser";
import { Day } from "@/ui/day";
import { useSay } from "@/ui/problem";
import { dayIn, endOfDay } from "@/util/time";
import { AMOUNT, typedAmount } from "./agent-terms";
import { FormPanel } from "./form";

type Price = components["schemas"]["PricesShown"]["prices"][number];

interface Values {
  sku: string;
  from_units: number;
  unit_price: string;
  until?: string;
}

/** What an agent pays for a unit, from so many units on. */
export function AgentPrice({
  code,
  price,
  open,
  onClose,
}: {
  code: string;
  /** The row that is changed; none: a new one. */
  price: Price | undefined;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const zone = useMe().tenant.timezone;
  const send = async ({ sku, from_units, unit_price, until }: Values) => {
    const ends = until ? { until: endOfDay(zone, until) } : {};
    const body = { prices: [{ sku, from_units, unit_price, ...ends }] };
    await http.PUT("/v1/customers/{code}/prices", { params: { path: { code } }, body });
    await refresh("/v1/customers/{code}/prices", "/v1/customers/{code}/catalogue");
    onClose();
    say.done(t("prices.saved"));
  };
  return (
    <FormPanel<Values>
      title={price ? t("prices.change") : t("prices.add")}
      verb={shell("do.save")}
      open={open}
      onClose={onClose}
      initial={
        price
          ? {
              sku: price.sku,
              from_units: price.from_units,
              unit_price: typedAmount(price.unit_price),
              ...(price.until ? { until: dayIn(zone, new Date(price.until)) } : {}),
            }
          : { from_units: 1 }
      }
      send={send}
    >
      <Form.Item
        name="sku"
        label={t("prices.sku")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Chooser of="sku" active stocked disabled={price !== undefined} />
      </Form.Item>
      <Form.Item
        name="from_units"
        label={t("prices.from_units")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <InputNumber
          min={1}
          max={10_000}
          precision={0}
          disabled={price !== undefined}
          style={{ width: "100%" }}
        />
      </Form.Item>
      <Form.Item
        name="unit_price"
        label={t("prices.unit_price")}
        rules={[{ required: true, pattern: AMOUNT, message: t("prices.rule") }]}
      >
        <Input prefix="¥" inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="until" label={t("prices.until")} extra={t("prices.until_hint")}>
        <Day />
      </Form.Item>
    </FormPanel>
  );
}
