import { FileTextOutlined } from "@ant-design/icons";
import { Alert, Button, Input, Space } from "antd";
import { type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatCount } from "@/util/money";
import type { Given } from "./send";

const KIB = 1024;
const MOST_MIB = 200; // Source: FILE_BYTES in kashu/core/sheets/rows.py

/** Where cards are pasted, or a file is dropped: one box for both. */
export function Source({
  given,
  give,
  disabled,
}: {
  given: Given | null;
  give: (given: Given | null) => void;
  disabled: boolean;
}) {
  const { t } = useTranslation("imports");
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const text = given?.kind === "text" ? given.text : "";
  const [tooLarge, setTooLarge] = useState<File | null>(null);
  const take = (file: File | undefined) => {
    if (!file || disabled) return;
    // Said before it is sent: the server would only refuse it.
    const fits = file.size <= MOST_MIB * KIB * KIB;
    setTooLarge(fits ? null : file);
    if (fits) give({ kind: "file", file });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <section
      className="part import-source"
      data-over={over}
      aria-label={t("new.source")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="import-head">
        <h2>{over ? t("new.drop") : t("new.source")}</h2>
        {given && <Size given={given} />}
        <span className="spring" />
        <Space>
          {given && (
            <Button disabled={disabled} onClick={() => give(null)}>
              {t("new.clear")}
            </Button>
          )}
          <Button
            icon={<FileTextOutlined />}
            disabled={disabled}
            onClick={() => input.current?.click()}
          >
            {given?.kind === "file" ? t("new.another") : t("new.choose")}
          </Button>
        </Space>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t("new.choose")}
          accept=".xlsx,.xls,.csv,.txt,.tsv,text/plain"
          onChange={({ target }) => {
            take(target.files?.[0]);
            target.value = ""; // the same file can be chosen again
          }}
        />
      </div>
      {given?.kind === "file" ? (
        <p className="import-file">
          <FileTextOutlined aria-hidden />
          <strong>{given.file.name}</strong>
        </p>
      ) : (
        <Input.TextArea
          autoFocus
          aria-label={t("new.paste_label")}
          placeholder={`${t("new.paste")}\n${t("new.paste_hint")}`}
          className="code"
          value={text}
          disabled={disabled}
          rows={8}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) =>
            give(target.value ? { kind: "text", text: target.value } : null)
          }
          onPaste={(event) => {
            const file = event.clipboardData.files[0];
            if (file === undefined) return;
            event.preventDefault();
            take(file);
          }}
        />
      )}
      {tooLarge && (
        <Alert
          type="error"
          showIcon
          role="alert"
          closable
          onClose={() => setTooLarge(null)}
          style={{ marginTop: 8 }}
          title={t("new.too_large", {
            name: tooLarge.name,
            size: sizeOf(tooLarge),
            most: `${MOST_MIB} MB`,
          })}
          description={t("new.too_large_todo")}
        />
      )}
      <p className="soft import-note">{t("new.formats", { most: `${MOST_MIB} MB` })}</p>
    </section>
  );
}

function Size({ given }: { given: Given }) {
  const { t } = useTranslation("imports");
  return (
    <span className="soft figures">
      {given.kind === "file" ? sizeOf(given.file) : t("new.lines", { count: linesOf(given.text) })}
    </span>
  );
}

function linesOf(text: string): number {
  return text.split("\n").filter((line) => line.trim()).length;
}

function sizeOf({ size }: File): string {
  return size < KIB * KIB
    ? `${formatCount(Math.ceil(size / KIB))} KB`
    : `${(size / KIB / KIB).toFixed(1)} MB`;
}
