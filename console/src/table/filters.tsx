import { Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Narrow a list to one value of a few. */
export function Choice({
  label,
  value,
  choices,
  onChange,
  width = 132,
}: {
  label: string;
  value: string | undefined;
  choices: { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
  width?: number;
}) {
  const { t } = useTranslation("shell");
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      options={[{ value: "", label: `${label}: ${t("table.all")}` }, ...choices]}
      onChange={(chosen: string) => onChange(chosen || undefined)}
      popupMatchSelectWidth={false}
      style={{ minWidth: width }}
      showSearch={choices.length > 8 ? { optionFilterProp: "label" } : false}
    />
  );
}

/** Narrow a list by something typed: asked when Enter is pressed or the field is left. */
export function Typed({
  label,
  value,
  onChange,
  width = 180,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  width?: number;
}) {
  const [typed, setTyped] = useState(value ?? "");
  useEffect(() => setTyped(value ?? ""), [value]);
  const ask = () => {
    const next = typed.trim() || undefined;
    if (next !== value) onChange(next);
  };
  return (
    <Input
      aria-label={label}
      placeholder={label}
      value={typed}
      allowClear
      onChange={({ target, type }) => {
        setTyped(target.value);
        if (type === "click") onChange(undefined);
      }}
      onPressEnter={ask}
      onBlur={ask}
      style={{ width }}
    />
  );
}
