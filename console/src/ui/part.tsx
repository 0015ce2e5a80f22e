import "@/theme/parts.css";
import { InfoCircleOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/me";
import { formatExact } from "@/util/time";

/** A part of a page: its name, what its numbers mean and when they were computed, its choices. */
export function Part({
  title,
  means,
  at,
  acts,
  className,
  children,
}: {
  title: string;
  means: string;
  at?: string | number | null | undefined;
  acts?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const { t } = useTranslation("shell");
  const { timezone } = useMe().tenant;
  const id = useId();
  const said = `${means} ${at ? t("figure.at", { at: formatExact(new Date(at), timezone) }) : ""}`;
  return (
    <section className={`part ${className ?? ""}`} aria-labelledby={id}>
      <header className="part-head">
        <h2 id={id}>{title}</h2>
        <Tooltip title={said} trigger={["hover", "focus"]}>
          <button type="button" className="part-means" aria-label={said}>
            <InfoCircleOutlined aria-hidden="true" />
          </button>
        </Tooltip>
        {acts && <div className="acts">{acts}</div>}
      </header>
      {children}
    </section>
  );
}

/** Choose one of a few: buttons that say whether they are pressed. */
export function Chosen<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is drawn otherwise
    <div className="chosen" role="group" aria-label={label}>
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          onClick={() => onChange(choice.value)}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}
