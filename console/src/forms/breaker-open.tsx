import { Form, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

const MINUTES = [15, 60, 240, 1_440] as const;

/** Pause ordering from a supplier for a while; then one order tries. */
export function BreakerOpen({
  supplier,
  open,
  onClose,
}: {
  supplier: { code: string; name: string };
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ minutes }: { minutes: number }) => {
    const until = new Date(Date.now() + minutes * 60_000).toISOString();
    const params = { path: { code: supplier.code } };
    await http.POST("/v1/suppliers/{code}/breaker/open", { params, body: { until } });
    await refresh("/v1/suppliers/{code}/breaker", "/v1/supplier-overview", "/v1/prices");
    onClose();
    say.done(t("breaker.opened"));
  };
  return (
    <FormPanel<{ minutes: number }>
      title={t("breaker.open_title", { name: supplier.name })}
      about={t("breaker.open_about")}
      verb={t("breaker.open_verb")}
      danger
      open={open}
      onClose={onClose}
      initial={{ minutes: 60 }}
      send={send}
    >
      <Form.Item name="minutes" label={t("breaker.open_for")}>
        <Radio.Group
          vertical
          options={MINUTES.map((value) => ({
            value,
            label:
              value < 60
                ? t("breaker.for_minutes", { count: value })
                : t("breaker.for_hours", { count: value / 60 }),
          }))}
        />
      </Form.Item>
    </FormPanel>
  );
}
