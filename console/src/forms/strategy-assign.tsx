import { Form } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { Strategy } from "@/pages/strategies/list";
import { Chooser } from "@/things/chooser";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  sku?: string;
  store?: string;
  customer?: string;
}

/** Let a strategy serve a SKU, a store, a customer, or where they meet. */
export function StrategyAssign({
  strategy,
  onClose,
}: {
  strategy: Strategy | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("strategies");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (values: Values) => {
    if (strategy === null) return;
    const given = Object.entries(values).filter(([, value]) => value);
    const params = { path: { code: strategy.code } };
    const body = Object.fromEntries(given);
    await http.POST("/v1/strategies/{code}/assign", { params, body });
    await refresh("/v1/strategies");
    onClose();
    say.done(t("assign.done"));
  };
  const choice = { allowClear: true, placeholder: t("assign.any") };
  return (
    <FormPanel<Values>
      title={t("assign.title")}
      about={t("assign.about")}
      verb={t("assign.verb")}
      open={strategy !== null}
      onClose={onClose}
      send={send}
    >
      <Form.Item name="sku" label={t("assign.sku")}>
        <Chooser of="sku" {...choice} />
      </Form.Item>
      <Form.Item name="store" label={t("assign.store")}>
        <Chooser of="store" {...choice} />
      </Form.Item>
      <Form.Item name="customer" label={t("assign.customer")}>
        <Chooser of="customer" {...choice} />
      </Form.Item>
    </FormPanel>
  );
}
