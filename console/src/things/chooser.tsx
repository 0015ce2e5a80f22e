import { Select, type SelectProps, Spin } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemNote } from "@/ui/problem";
import { type Narrow, type Noun, type Thing, useNames, useSought } from "./sought";

type By = "code" | "id";

interface Option {
  value: string;
  label: string;
  /** Beside its name: its code, or why it is suggested. */
  note?: string | undefined;
}

export interface ChooserProps extends Narrow {
  of: Noun;
  /** What the value is of the thing chosen. */
  by?: By;
  value?: string | undefined;
  onChange?: (value: string | undefined) => void;
  /** In a Form.Item its own label is enough: it passes id, value and onChange. */
  label?: string | undefined;
  id?: string;
  placeholder?: string | undefined;
  allowClear?: boolean;
  disabled?: boolean;
  /** What stands first, before anything was typed. */
  first?: readonly Option[];
  /** What can't be chosen here. */
  except?: string | undefined;
  width?: number | string;
}

/** Choose one thing: its name or code is looked for on the server as somebody types. */
export function Chooser({ value, onChange, allowClear, width = "100%", ...props }: ChooserProps) {
  const select = useSelect(props, value ? [value] : []);
  return (
    <Select<string, Option>
      {...select}
      value={value ?? null}
      allowClear={allowClear ?? false}
      onChange={(chosen) => onChange?.(chosen ?? undefined)}
      style={{ width, maxWidth: "100%" }}
    />
  );
}

type ManyProps = Omit<ChooserProps, "value" | "onChange" | "allowClear" | "width"> & {
  value?: readonly string[] | undefined;
  onChange?: (values: string[]) => void;
};

/** Choose several, in their order. */
export function ManyChooser({ value = [], onChange, ...props }: ManyProps) {
  const select = useSelect(props, value);
  return (
    <Select<string[], Option>
      {...select}
      mode="multiple"
      value={[...value]}
      onChange={(chosen) => onChange?.(chosen)}
    />
  );
}

/** Narrow a list to what belongs to one thing. */
export function ChoiceOf({
  value,
  onChange,
  width = 132,
  ...props
}: ChooserProps & { label: string; width?: number }) {
  const { t } = useTranslation("shell");
  const all = { value: "", label: `${props.label}: ${t("table.all")}` };
  const select = useSelect({ ...props, first: [all] }, value ? [value] : []);
  return (
    <Select<string, Option>
      {...select}
      value={value ?? ""}
      onChange={(chosen) => onChange?.(chosen || undefined)}
      style={{ minWidth: width }}
    />
  );
}

/** What makes a select one that looks for its options. */
function useSelect(
  {
    of,
    by = "code",
    active,
    stocked,
    first = [],
    except,
    label,
    id,
    placeholder,
    disabled,
  }: Omit<ChooserProps, "value" | "onChange">,
  values: readonly string[],
) {
  const { t } = useTranslation("shell");
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const asked = useSought(of, useSettled(typed), { active, stocked }, open);
  const known = new Map(asked.data?.things.map((thing) => [thing[by], thing.name]));
  const named = useNames(
    of,
    values.filter((value) => !known.has(value)),
  );
  const options = optionsOf(asked.data?.things ?? [], typed, by, first, of === "sku");
  return {
    ...(id ? { id } : {}),
    ...(label ? { "aria-label": label } : {}),
    ...(placeholder && !disabled ? { placeholder } : {}), // too pale there to be read
    ...(disabled === undefined ? {} : { disabled }),
    options: options.filter(({ value }) => value !== except),
    loading: asked.isFetching,
    popupMatchSelectWidth: false,
    showSearch: { filterOption: false, onSearch: setTyped },
    onOpenChange: (next: boolean) => {
      setOpen(next);
      if (!next) setTyped("");
    },
    labelRender: ({ value, label: of_option }) =>
      known.get(`${value}`) ?? named.get(`${value}`) ?? of_option ?? value,
    optionRender: ({ data }) => (
      <>
        {data.label} {data.note && <span className="soft code">{data.note}</span>}
      </>
    ),
    notFoundContent: asked.isFetching ? <Spin size="small" /> : asked.error ? null : undefined,
    popupRender: (menu) => (
      <Popup menu={menu} error={asked.error} again={() => void asked.refetch()}>
        {asked.data?.more && t("table.type_for_more")}
      </Popup>
    ),
  } satisfies SelectProps<unknown, Option>;
}

function Popup({
  menu,
  error,
  again,
  children,
}: {
  menu: ReactNode;
  error: unknown;
  again: () => void;
  children: ReactNode;
}) {
  return (
    <>
      {error !== null && <ProblemNote error={error} again={again} />}
      {menu}
      {children && <div className="soft chooser-more">{children}</div>}
    </>
  );
}

/**
 * What can be chosen now. What was typed narrows at once what has come already, so that Enter never
 * takes what doesn't fit it; what else fits comes from the server.
 */
function optionsOf(
  things: readonly Thing[],
  typed: string,
  by: By,
  first: readonly Option[],
  coded: boolean,
): Option[] {
  const part = typed.trim().toLowerCase();
  const fits = (text: string) => text.toLowerCase().includes(part);
  const ahead = first.filter(({ value, label, note }) =>
    part ? value !== "" && fits(`${label} ${note ?? ""}`) : true,
  );
  const suggested = new Set(first.map(({ value }) => value));
  const rest = things
    .filter((thing) => !suggested.has(thing[by]) && thing.found.includes(part))
    .map((thing) => ({
      value: thing[by],
      label: thing.name,
      ...(coded ? { note: thing.code } : {}),
    }));
  return [...ahead, ...rest];
}

/** What was typed, once nothing more was for a moment: not each letter is a question. */
function useSettled(typed: string): string {
  const [settled, settle] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => settle(typed.trim()), typed ? 200 : 0);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
}
