import "@/theme/parts.css";
import { InfoCircleOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { type CSSProperties, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/me";
import { formatExact } from "@/util/time";

/**
 * A part of a page, in a box: its name, what its numbers mean and when they were computed, its
 * choices. Without a name it has a label, for who can't see what it is.
 */
export function Part({
  title,
  label,
  means,
  at,
  acts,
  className,
  style,
  children,
}: {
  title?: string;
  label?: string;
  means?: string;
  at?: string | number | null | undefined;
  acts?: ReactNode;
  className?: string;
  style?: CSSProperties;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section
      className={className ? `part ${className}` : "part"}
      {...(title ? { "aria-labelledby": id } : {})}
      {...(label ? { "aria-label": label } : {})}
      {...(style ? { style } : {})}
    >
      {title && (
        <header className="part-head">
          <h2 id={id}>{title}</h2>
          {means && <Means means={means} at={at} />}
          {acts && <div className="acts">{acts}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

function Means({ means, at }: { means: string; at: string | number | null | undefined }) {
  const { t } = useTranslation("shell");
  const { timezone } = useMe().tenant;
  const said = `${means} ${at ? t("figure.at", { at: formatExact(new Date(at), timezone) }) : ""}`;
  return (
    <Tooltip title={said} trigger={["hover", "focus"]}>
      <button type="button" className="part-means" aria-label={said}>
        <InfoCircleOutlined aria-hidden="true" />
      </button>
    </Tooltip>
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
