import { Form, Input, InputNumber, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { type Standing, useRefreshPrepaid } from "@/pages/prepaid/things";
import { useSay } from "@/ui/problem";
import { signOf } from "@/util/money";
import { FormPanel } from "./form";

const AMOUNTS = ["credit_max", "exposure_max", "balance_low", "tolerance"] as const;
const AMOUNT = /^\s*\d{1,10}(\.\d{1,4})?\s*$/;

type Values = Partial<Record<(typeof AMOUNTS)[number], string>> & {
  settlement: Standing["settlement"];
  settle_days?: number | null;
};

/** How much of our money may be there, and whether it is paid before or afterwards. */
export function PrepaidLimits({
  standing,
  open,
  onClose,
}: {
  standing: Standing;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("prepaid");
  const refresh = useRefreshPrepaid();
  const say = useSay();
  const send = async ({ settlement, settle_days, ...amounts }: Values) => {
    const body = {
      settlement,
      credit_max: amounts.credit_max?.trim() || null,
      exposure_max: amounts.exposure_max?.trim() || null,
      balance_low: amounts.balance_low?.trim() || null,
      tolerance: amounts.tolerance?.trim() || "0",
      ...(settle_days !== null && settle_days !== undefined ? { settle_days } : {}),
    };
    const params = { path: { code: standing.supplier } };
    await http.PATCH("/v1/suppliers/{code}/prepaid", { params, body });
    await refresh();
    onClose();
    say.done(t("limits.done"));
  };
  return (
    <FormPanel<Values>
      title={t("limits.form", { name: standing.name })}
      about={t("limits.about")}
      verb={t("limits.verb")}
      open={open}
      onClose={onClose}
      initial={{
        settlement: standing.settlement,
        ...Object.fromEntries(
          AMOUNTS.filter((name) => standing[name] !== null).map((name) => [name, standing[name]]),
        ),
      }}
      send={send}
    >
      <Form.Item name="settlement" label={t("settlement")}>
        <Radio.Group
          vertical
          options={(["prepaid", "payable"] as const).map((value) => ({
            value,
            label: t(`settlements.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="settle_days" label={t("limits.settle_days")} extra={t("limits.settle_hint")}>
        <InputNumber min={0} max={365} precision={0} style={{ width: 160 }} />
      </Form.Item>
      {AMOUNTS.map((name) => (
        <Form.Item
          key={name}
          name={name}
          label={t(`limits.${name}`)}
          extra={t(`limits.${name}_hint`)}
          rules={[{ pattern: AMOUNT, message: t("ask.amount_rule") }]}
        >
          <Input
            inputMode="decimal"
            autoComplete="off"
            prefix={signOf(standing.currency)}
            style={{ width: 200 }}
          />
        </Form.Item>
      ))}
    </FormPanel>
  );
}
