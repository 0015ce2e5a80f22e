import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { plain, ppm } from "@/pages/prices/reckon";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

const NUMBER = /^\d{1,7}(\.\d{1,4})?$/;
interface Values {
  fee: string;
  fee_share: string;
  rebate: string;
}

/** Change what a supplier takes and gives back; it is in the landed cost. */
export function SupplierTerms({
  name,
  terms,
  open,
  onClose,
}: {
  name: string;
  terms: components["schemas"]["TermsShown"];
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const say = useSay();
  const send = async (values: Values) => {
    const body = {
      fee: values.fee,
      fee_ppm: ppm(values.fee_share),
      rebate_ppm: ppm(values.rebate),
    };
    const params = { path: { code: terms.supplier } };
    await http.PATCH("/v1/suppliers/{code}/terms", { params, body });
    await refresh("/v1/suppliers/{code}/terms", "/v1/prices", "/v1/skus/{code}/offers");
    onClose();
    say.done(t("terms.saved"));
  };
  const rules = [{ required: true, pattern: NUMBER, message: t("terms.number") }];
  return (
    <FormPanel<Values>
      title={t("terms.form_title", { name })}
      about={t("terms.form_about")}
      verb={t("terms.verb")}
      open={open}
      onClose={onClose}
      initial={{
        fee: terms.fee,
        fee_share: plain(terms.fee_ppm),
        rebate: plain(terms.rebate_ppm),
      }}
      send={send}
    >
      <Form.Item name="fee" label={t("terms.fee_label")} rules={rules}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="fee_share" label={t("terms.fee_share_label")} rules={rules}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
      <Form.Item name="rebate" label={t("terms.rebate_label")} rules={rules}>
        <Input inputMode="decimal" autoComplete="off" />
      </Form.Item>
    </FormPanel>
  );
}
