import { Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Values } from "@/pages/desk/acts";
import { type Field, fieldsOf } from "@/pages/desk/fields";
import type { CanDo, Matter } from "@/pages/desk/kinds";
import { Chooser } from "@/things/chooser";
import { signOf } from "@/util/money";
import { FormPanel } from "./form";

/** An act that a person has to say something for. */
export interface Acting {
  readonly can: CanDo;
  readonly rows: readonly Matter[];
}

/** The form of an act, by what its call needs; cards typed here live only while it is open. */
export function DeskAct({
  acting,
  onClose,
  send,
}: {
  acting: Acting | null;
  onClose: () => void;
  send: (acting: Acting, values: Values, sure: boolean) => Promise<void>;
}) {
  const { t } = useTranslation("desk");
  const [file, setFile] = useState<File>();
  if (acting === null) return null;
  const [row] = acting.rows;
  const fields = fieldsOf(acting.can);
  const initial = Object.fromEntries(fields.map((field) => [field.name, row && field.from?.(row)]));
  const many = acting.rows.length > 1;
  return (
    <FormPanel<Record<string, unknown>>
      title={t(`acts.${acting.can.act}`)}
      about={many ? t("bulk.of", { count: acting.rows.length }) : row?.what}
      verb={t(`acts.${acting.can.act}`)}
      open
      onClose={onClose}
      initial={initial}
      send={(values, sure) => send(acting, file ? { ...values, file } : values, sure)}
    >
      {fields.map((field) => (
        <FieldItem key={field.name} field={field} row={row} onFile={setFile} />
      ))}
    </FormPanel>
  );
}

function FieldItem({
  field,
  row,
  onFile,
}: {
  field: Field;
  row: Matter | undefined;
  onFile: (file: File | undefined) => void;
}) {
  const { t } = useTranslation("desk");
  const { t: shell } = useTranslation("shell");
  const label = t(`fields.${field.name}`);
  if (field.as === "file") {
    return (
      <Form.Item label={label}>
        <input
          type="file"
          aria-label={label}
          accept="image/*,application/pdf"
          onChange={({ target }) => onFile(target.files?.[0])}
        />
      </Form.Item>
    );
  }
  return (
    <Form.Item
      name={field.name}
      label={label}
      rules={field.optional ? [] : [{ required: true, message: shell("form.required") }]}
      {...(field.name === "cards" ? { extra: t("fields.cards_hint") } : {})}
    >
      <Entry field={field} sign={signOf((row && field.currency?.(row)) ?? "CNY")} />
    </Form.Item>
  );
}

/** The field itself; antd's Form.Item hands it `value` and `onChange`. */
function Entry({ field, sign, ...bound }: { field: Field; sign: string }) {
  const { t } = useTranslation("desk");
  switch (field.as) {
    case "text":
      return <Input.TextArea {...bound} rows={2} maxLength={500} />;
    case "secret":
      return <Input.TextArea {...bound} rows={3} autoComplete="off" spellCheck={false} />;
    case "count":
      return (
        <InputNumber {...bound} min={0} max={10_000} precision={0} style={{ width: "100%" }} />
      );
    case "money":
      return <Input {...bound} inputMode="decimal" prefix={sign} autoComplete="off" />;
    case "choice":
      return (
        <Select
          {...bound}
          options={Object.entries(
            t(`choices.${field.of ?? "failure"}`, { returnObjects: true }) as Record<
              string,
              string
            >,
          ).map(([value, label]) => ({ value, label }))}
        />
      );
    case "warehouse":
      return <Chooser of="warehouse" {...bound} />;
    default:
      return <Input {...bound} autoComplete="off" maxLength={256} />;
  }
}
