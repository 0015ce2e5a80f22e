import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormPanel } from "./form";

/** Something that is ended with a reason, which stays with it. */
export function Reason({
  title,
  about,
  label,
  verb,
  open,
  onClose,
  send,
}: {
  title: string;
  about?: string;
  label: string;
  verb: string;
  open: boolean;
  onClose: () => void;
  send: (reason: string) => Promise<void>;
}) {
  const { t } = useTranslation("shell");
  return (
    <FormPanel<{ reason: string }>
      title={title}
      about={about}
      verb={verb}
      danger
      open={open}
      onClose={onClose}
      send={({ reason }) => send(reason.trim())}
    >
      <Form.Item
        name="reason"
        label={label}
        rules={[{ required: true, whitespace: true, message: t("form.required") }]}
      >
        <Input.TextArea rows={3} maxLength={200} />
      </Form.Item>
    </FormPanel>
  );
}
