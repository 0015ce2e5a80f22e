import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  currency: string;
  rate: string;
}

/** Say what one unit of a foreign currency costs in yuan. */
export function RateSet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("shop");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (values: Values) => {
    const currency = values.currency.trim().toUpperCase();
    await http.PUT("/v1/exchange-rates/{currency}", {
      params: { path: { currency } },
      body: { rate: values.rate.trim() },
    });
    await refresh("/v1/exchange-rates");
    onClose();
    say.done(t("rates.kept", { currency }));
  };
  return (
    <FormPanel<Values>
      title={t("rates.set")}
      about={t("rates.about")}
      verb={t("rates.verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="currency"
        label={t("rates.currency")}
        rules={[
          { required: true, pattern: /^\s*[A-Za-z]{3}\s*$/, message: t("rates.currency_rule") },
        ]}
      >
        <Input autoComplete="off" maxLength={5} placeholder="USD" style={{ width: 120 }} />
      </Form.Item>
      <Form.Item
        name="rate"
        label={t("rates.rate")}
        rules={[
          { required: true, pattern: /^\s*\d{1,6}(\.\d{1,6})?\s*$/, message: t("rates.rate_rule") },
        ]}
      >
        <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 160 }} />
      </Form.Item>
    </FormPanel>
  );
}
