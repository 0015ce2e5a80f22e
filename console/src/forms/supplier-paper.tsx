import { UploadOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select, Upload } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asForm, http } from "@/api/client";
import { Problem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { useChoices } from "@/ui/badge";
import { Day } from "@/ui/day";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

const FILE_MAX = 5 * 1024 * 1024;
const FIELDS = ["kind", "name", "paper_number", "issuer", "issued_on", "expires_on"] as const;
type Values = Partial<Record<(typeof FIELDS)[number], string>>;

/** Keep a licence, an authorisation, a contract: its file is sealed, its last day watched. */
export function SupplierPaper({
  code,
  open,
  onClose,
}: {
  code: string;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const [file, setFile] = useState<File | null>(null);
  const close = () => {
    setFile(null);
    onClose();
  };
  const send = async (values: Values) => {
    if (file && file.size > FILE_MAX) {
      const told = { title: t("papers.too_big"), detail: "", status: 0, code: "too_big" };
      throw new Problem({ type: "about:blank", ...told });
    }
    const form = new FormData();
    for (const name of FIELDS) if (values[name]) form.set(name, values[name]);
    if (file) form.set("file", file);
    await http.POST("/v1/suppliers/{code}/papers", {
      params: { path: { code } },
      ...asForm(form),
    });
    await refresh("/v1/suppliers/{code}/papers", "/v1/supplier-overview");
    close();
    say.done(t("papers.added", { name: values.name ?? "" }));
  };
  return (
    <FormPanel<Values>
      title={t("papers.add")}
      about={t("papers.about")}
      verb={t("papers.verb")}
      open={open}
      onClose={close}
      initial={{ kind: "contract" }}
      send={send}
    >
      <Form.Item name="kind" label={t("papers.kind")}>
        <Select options={useChoices("paper")} />
      </Form.Item>
      <Form.Item
        name="name"
        label={t("papers.name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item name="paper_number" label={t("papers.number")}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item name="issuer" label={t("papers.issuer")}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <div className="field-pair">
        <Form.Item name="issued_on" label={t("papers.issued_on")}>
          <Day width={180} />
        </Form.Item>
        <Form.Item name="expires_on" label={t("papers.expires_on")}>
          <Day width={180} />
        </Form.Item>
      </div>
      <Form.Item label={t("papers.file")}>
        <Upload
          accept=".pdf,.png,.jpg,.jpeg,.webp"
          maxCount={1}
          beforeUpload={(chosen) => {
            setFile(chosen);
            return false;
          }}
          onRemove={() => setFile(null)}
        >
          <Button icon={<UploadOutlined />}>{t("papers.choose")}</Button>
        </Upload>
      </Form.Item>
    </FormPanel>
  );
}
