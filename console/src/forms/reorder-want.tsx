import { Checkbox, Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import type { Suggestion } from "@/pages/purchases/reorder";
import { useRefreshPurchases, useWarehouses } from "@/pages/purchases/things";
import { paths } from "@/paths";
import { useSay } from "@/ui/problem";
import { formatMoney } from "@/util/money";
import { FormPanel } from "./form";

/** Buy as many as are suggested, or only write them down. */
export function ReorderWant({
  row,
  open,
  onClose,
}: {
  row: Suggestion;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("purchases");
  const { t: shell } = useTranslation("shell");
  const warehouses = useWarehouses();
  const refresh = useRefreshPurchases();
  const navigate = useNavigate();
  const say = useSay();
  const send = async ({ warehouse, draft }: { warehouse?: string; draft?: boolean }) => {
    const { data } = await http.POST("/v1/reorder-suggestions/{sku}/want", {
      params: { path: { sku: row.sku } },
      body: { draft: draft ?? false, ...(warehouse ? { warehouse } : {}) },
    });
    await refresh();
    onClose();
    if (data === undefined) return;
    say.done(t("reorder.done", { sku: data.sku_name, count: data.quantity }), data.words);
    navigate(paths.purchase(data.id));
  };
  return (
    <FormPanel<{ warehouse?: string; draft?: boolean }>
      title={t("reorder.want_title", { sku: row.sku_name, count: row.quantity })}
      about={t("reorder.want_about", {
        supplier: row.supplier ?? t("reorder.nobody"),
        amount: formatMoney(row.amount ?? "0"),
      })}
      verb={t("reorder.verb", { count: row.quantity })}
      open={open}
      onClose={onClose}
      initial={row.warehouse ? { warehouse: row.warehouse } : {}}
      send={send}
    >
      <Form.Item
        name="warehouse"
        label={t("reorder.warehouse")}
        extra={row.warehouse ? undefined : t("reorder.warehouse_hint")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Select options={warehouses} />
      </Form.Item>
      <Form.Item name="draft" valuePropName="checked">
        <Checkbox>{t("reorder.draft")}</Checkbox>
      </Form.Item>
    </FormPanel>
  );
}
