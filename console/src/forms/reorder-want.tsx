import { Checkbox, Form } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import type { Suggestion } from "@/pages/purchases/reorder";
import { useRefreshPurchases } from "@/pages/purchases/things";
import { paths } from "@/paths";
import { Chooser } from "@/things/chooser";
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
  const { t } = useTranslation("reorder");
  const { t: shell } = useTranslation("shell");
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
    say.done(t("done", { sku: data.sku_name, count: data.quantity }), data.words);
    navigate(paths.purchase(data.id));
  };
  return (
    <FormPanel<{ warehouse?: string; draft?: boolean }>
      title={t("want_title", { sku: row.sku_name, count: row.quantity })}
      about={t("want_about", {
        supplier: row.supplier ?? t("nobody"),
        amount: formatMoney(row.amount ?? "0"),
      })}
      verb={t("verb", { count: row.quantity })}
      open={open}
      onClose={onClose}
      initial={row.warehouse ? { warehouse: row.warehouse } : {}}
      send={send}
    >
      <Form.Item
        name="warehouse"
        label={t("warehouse")}
        extra={row.warehouse ? undefined : t("warehouse_hint")}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Chooser of="warehouse" />
      </Form.Item>
      <Form.Item name="draft" valuePropName="checked">
        <Checkbox>{t("draft")}</Checkbox>
      </Form.Item>
    </FormPanel>
  );
}
