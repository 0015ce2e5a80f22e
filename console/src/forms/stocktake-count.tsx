import { UploadOutlined } from "@ant-design/icons";
import { Button, Form, Input, Segmented, Upload, type UploadFile } from "antd";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { Chooser } from "@/things/chooser";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  sku: string;
  warehouse: string;
  how: "text" | "file";
  text?: string;
  file?: UploadFile[];
}

/** Compare a list of cards in hand, pasted or in a file, with the system. */
export function StocktakeCount({
  open,
  onClose,
  onMade,
}: {
  open: boolean;
  onClose: () => void;
  onMade: (id: string) => void;
}) {
  const { t } = useTranslation("stocktakes");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ sku, warehouse, how, text, file }: Values) => {
    const form = new FormData();
    form.set("sku", sku);
    form.set("warehouse", warehouse);
    const chosen = file?.[0]?.originFileObj;
    if (how === "file" && chosen) form.set("file", chosen);
    else form.set("text", text ?? "");
    const { data } = await http.POST("/v1/stocktakes", {
      ...asForm(form),
    });
    await refresh("/v1/stocktakes");
    if (data) onMade(data.id);
    say.done(t("form.done"));
  };
  const required = [{ required: true, message: shell("form.required") }];
  return (
    <FormPanel<Values>
      title={t("form.title")}
      about={t("form.about")}
      verb={t("form.verb")}
      open={open}
      onClose={onClose}
      initial={{ how: "text" }}
      send={send}
    >
      <Form.Item name="sku" label={t("form.sku")} rules={required}>
        <Chooser of="sku" stocked />
      </Form.Item>
      <Form.Item name="warehouse" label={t("form.place")} rules={required}>
        <Chooser of="warehouse" />
      </Form.Item>
      <Form.Item name="how" label={t("form.how")} required>
        <Segmented
          options={[
            { value: "text", label: t("form.paste") },
            { value: "file", label: t("form.file") },
          ]}
        />
      </Form.Item>
      <Counted />
    </FormPanel>
  );
}

/** The list itself: pasted, or a file. */
function Counted() {
  const { t } = useTranslation("stocktakes");
  const { t: shell } = useTranslation("shell");
  if (Form.useWatch("how") === "file") {
    return (
      <Form.Item
        name="file"
        valuePropName="fileList"
        getValueFromEvent={({ fileList }: { fileList: UploadFile[] }) => fileList}
        rules={[{ required: true, message: t("form.file_rule") }]}
      >
        <Upload beforeUpload={() => false} maxCount={1} accept=".xlsx,.csv,.txt,.tsv">
          <Button icon={<UploadOutlined />}>{t("form.choose")}</Button>
        </Upload>
      </Form.Item>
    );
  }
  return (
    <Form.Item
      name="text"
      label={t("form.text")}
      extra={t("form.text_hint")}
      rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
    >
      <Input.TextArea rows={10} autoComplete="off" spellCheck={false} className="code" />
    </Form.Item>
  );
}
