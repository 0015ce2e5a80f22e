import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useThings } from "@/pages/orders/filters";
import type { Strategy } from "@/pages/strategies/list";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  sku?: string;
  store?: string;
  customer?: string;
}

const SEARCHED = { optionFilterProp: "label" } as const;

/** Let a strategy serve a SKU, a store, a customer, or where they meet. */
export function StrategyAssign({
  strategy,
  onClose,
}: {
  strategy: Strategy | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("strategies");
  const things = useThings();
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
  const choice = { allowClear: true, showSearch: SEARCHED, placeholder: t("assign.any") };
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
        <Select {...choice} options={things.skus} />
      </Form.Item>
      <Form.Item name="store" label={t("assign.store")}>
        <Select {...choice} options={things.stores} />
      </Form.Item>
      <Form.Item name="customer" label={t("assign.customer")}>
        <Select {...choice} options={things.customers} />
      </Form.Item>
    </FormPanel>
  );
}
