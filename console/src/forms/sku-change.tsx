import { Checkbox, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useChoices } from "@/ui/badge";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Sku = components["schemas"]["SkuShown"];
type Values = Pick<
  Sku,
  "name_zh" | "name_en" | "shortage_policy" | "returnable" | "partial_allowed"
>;

const NAMES = ["name_zh", "name_en"] as const;

/** Call a SKU otherwise, or change what becomes of its orders; its code and its kind stay. */
export function SkuChange({
  sku,
  open,
  onClose,
}: {
  sku: Sku;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("catalogue");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ name_zh, name_en, ...rest }: Values) => {
    const body = { name_zh: name_zh.trim(), name_en: name_en.trim(), ...rest };
    await http.PATCH("/v1/skus/{code}", { params: { path: { code: sku.code } }, body });
    await refresh("/v1/skus", "/v1/skus/{code}");
    onClose();
    say.done(t("change.done"));
  };
  const { name_zh, name_en, shortage_policy, returnable, partial_allowed } = sku;
  return (
    <FormPanel<Values>
      title={t("change.title")}
      about={t("change.about")}
      verb={shell("do.save")}
      open={open}
      onClose={onClose}
      initial={{ name_zh, name_en, shortage_policy, returnable, partial_allowed }}
      send={send}
    >
      {NAMES.map((name) => (
        <Form.Item
          key={name}
          name={name}
          label={t(`change.${name}`)}
          rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
        >
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
      ))}
      <Form.Item name="shortage_policy" label={t("skus.shortage")}>
        <Select options={useChoices("shortage")} />
      </Form.Item>
      {(["returnable", "partial_allowed"] as const).map((name) => (
        <Form.Item key={name} name={name} valuePropName="checked">
          <Checkbox>{t(`change.${name}`)}</Checkbox>
        </Form.Item>
      ))}
    </FormPanel>
  );
}
