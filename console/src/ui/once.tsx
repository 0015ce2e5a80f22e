import { CheckOutlined, CopyOutlined } from "@ant-design/icons";
import { Alert, Button, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

/** Copy something that may be copied. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation("shell");
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button icon={copied ? <CheckOutlined /> : <CopyOutlined />} onClick={copy}>
      {copied ? t("do.copied") : (label ?? t("do.copy"))}
    </Button>
  );
}

/** Something that is never shown again: it lives in this dialog's memory, and nowhere else. */
export function Once({
  title,
  about,
  secret,
  onClose,
}: {
  title: string;
  about?: ReactNode;
  secret: string | null;
  onClose: () => void;
}) {
  const { t } = useTranslation("shell");
  return (
    <Modal
      title={title}
      open={secret !== null}
      onCancel={onClose}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t("once.saved")}
        </Button>
      }
      destroyOnHidden
    >
      <p>{about}</p>
      <Alert type="warning" showIcon title={t("once.title")} description={t("once.hint")} />
      <div className="once" style={{ marginTop: 12 }}>
        <code>{secret}</code>
        {secret !== null && <Copy text={secret} />}
      </div>
    </Modal>
  );
}
