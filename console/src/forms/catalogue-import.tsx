import { UploadOutlined } from "@ant-design/icons";
import { Button, Form, Upload, type UploadFile } from "antd";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

/** Take in a catalogue from a file: what is there stays as it is. */
export function CatalogueImport({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("catalogue");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ file }: { file: UploadFile[] }) => {
    const form = new FormData();
    form.set("file", file[0]?.originFileObj as File);
    const { data } = await http.POST("/v1/catalogue", {
      ...asForm(form),
    });
    await refresh("/v1/skus");
    onClose();
    if (data) {
      say.done(t("install.done", { added: data.added.length, kept: data.kept.length }));
    }
  };
  return (
    <FormPanel<{ file: UploadFile[] }>
      title={t("install.title")}
      about={t("install.about")}
      verb={t("install.verb")}
      open={open}
      onClose={onClose}
      send={send}
    >
      <Form.Item
        name="file"
        label={t("install.file")}
        valuePropName="fileList"
        getValueFromEvent={({ fileList }: { fileList: UploadFile[] }) => fileList}
        rules={[{ required: true, message: t("install.file_rule") }]}
      >
        <Upload beforeUpload={() => false} maxCount={1} accept=".csv,.toml">
          <Button icon={<UploadOutlined />}>{t("install.choose")}</Button>
        </Upload>
      </Form.Item>
    </FormPanel>
  );
}
