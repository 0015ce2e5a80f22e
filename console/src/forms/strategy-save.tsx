import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { NextCards } from "@/pages/stock/preview";
import type { Strategy } from "@/pages/strategies/list";
import {
  KEEPS,
  kindOf,
  namedBy,
  PREFERS,
  type Step,
  type StepKind,
} from "@/pages/strategies/steps";
import { ChoiceOf, ManyChooser } from "@/things/chooser";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Typed {
  kind: StepKind;
  days?: number;
  ids?: string[];
}

interface Values {
  name: string;
  code: string;
  steps: Typed[];
}

const BEGIN: Typed[] = [{ kind: "earliest_expiry" }];

/** A step as somebody chose it, as it is written down; null while something is still missing. */
function written({ kind, days, ids }: Typed): Step | null {
  const named = namedBy(kind) !== null;
  if (named && !ids?.length) return null;
  if (kind === "minimum_validity") return typeof days === "number" ? { keep: kind, days } : null;
  if (KEEPS.some((keep) => keep === kind)) return { keep: kind, ids: ids ?? [] };
  return { prefer: kind, ids: named ? (ids ?? []) : [] };
}

function typedOf(step: Step): Typed {
  return {
    kind: kindOf(step),
    ...(step.days === undefined ? {} : { days: step.days }),
    ...(step.ids?.length ? { ids: [...step.ids] } : {}),
  };
}

/** Make a strategy, or change one: its steps in order, and what they would give. */
export function StrategySave({
  open,
  strategy,
  onClose,
  onMade,
}: {
  open: boolean;
  strategy: Strategy | null;
  onClose: () => void;
  onMade: (code: string) => void;
}) {
  const { t } = useTranslation("strategies");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ code, name, steps }: Values) => {
    const said = steps.map(written).filter((step) => step !== null);
    const params = { path: { code: strategy?.code ?? code } };
    await http.PUT("/v1/strategies/{code}", { params, body: { name, steps: said as never } });
    await refresh("/v1/strategies");
    if (strategy) onClose();
    else onMade(code);
    say.done(t(strategy && strategy.uses.length > 0 ? "saved" : "saved_idle"));
  };
  return (
    <FormPanel<Values>
      title={t(strategy ? "edit" : "new")}
      about={t("form.about")}
      verb={t("save")}
      open={open}
      onClose={onClose}
      initial={
        strategy
          ? {
              name: strategy.name,
              code: strategy.code,
              steps: (strategy.steps as Step[]).map(typedOf),
            }
          : { steps: BEGIN }
      }
      send={send}
    >
      <Form.Item
        name="name"
        label={t("form.name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      {!strategy && (
        <Form.Item
          name="code"
          label={t("form.code")}
          extra={t("form.code_hint")}
          rules={[
            {
              required: true,
              pattern: /^[a-z0-9][a-z0-9-]{0,39}$/,
              message: t("form.code_rule"),
            },
          ]}
        >
          <Input autoComplete="off" autoCapitalize="none" maxLength={40} />
        </Form.Item>
      )}
      <Steps />
      <Draft />
    </FormPanel>
  );
}

function Steps() {
  const { t } = useTranslation("strategies");
  return (
    <Form.List
      name="steps"
      rules={[
        {
          validator: (_, steps: unknown[] | undefined) =>
            steps?.length ? Promise.resolve() : Promise.reject(new Error(t("form.need_step"))),
        },
      ]}
    >
      {(fields, { add, remove, move }, { errors }) => (
        <>
          {fields.map(({ key, name }) => (
            <OneStep
              key={key}
              place={name}
              last={name === fields.length - 1}
              onMove={(by) => move(name, name + by)}
              onRemove={() => remove(name)}
            />
          ))}
          <Form.ErrorList errors={errors} />
          <Button onClick={() => add({ kind: "lowest_cost" })} style={{ marginBottom: 16 }}>
            {t("form.add_step")}
          </Button>
        </>
      )}
    </Form.List>
  );
}

function OneStep({
  place,
  last,
  onMove,
  onRemove,
}: {
  place: number;
  last: boolean;
  onMove: (by: number) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("strategies");
  const kind = Form.useWatch(["steps", place, "kind"]) as StepKind | undefined;
  const named = kind === undefined ? null : namedBy(kind);
  const number = place + 1;
  return (
    <div className="step-row">
      <Form.Item name={[place, "kind"]}>
        <Select
          aria-label={t("form.step", { number })}
          options={[...PREFERS, ...KEEPS].map((value) => ({ value, label: t(`kinds.${value}`) }))}
          popupMatchSelectWidth={false}
        />
      </Form.Item>
      <Space size={2}>
        <Button
          type="text"
          icon={<ArrowUpOutlined />}
          aria-label={t("form.up")}
          disabled={place === 0}
          onClick={() => onMove(-1)}
        />
        <Button
          type="text"
          icon={<ArrowDownOutlined />}
          aria-label={t("form.down")}
          disabled={last}
          onClick={() => onMove(1)}
        />
        <Button
          type="text"
          icon={<DeleteOutlined />}
          aria-label={t("form.remove")}
          onClick={onRemove}
        />
      </Space>
      {kind === "minimum_validity" && (
        <Form.Item
          className="step-more"
          name={[place, "days"]}
          label={t("form.days")}
          rules={[{ required: true, message: t("form.need_ids") }]}
        >
          <InputNumber min={0} max={3_650} precision={0} style={{ width: 140 }} />
        </Form.Item>
      )}
      {named && (
        <Form.Item
          className="step-more"
          name={[place, "ids"]}
          label={t("form.ids")}
          {...(kind?.endsWith("in_order") ? { extra: t("form.ids_order") } : {})}
          rules={[{ required: true, message: t("form.need_ids") }]}
        >
          <ManyChooser of={named === "warehouses" ? "warehouse" : "supplier"} by="id" />
        </Form.Item>
      )}
    </div>
  );
}

/** What these steps would give, before they are saved: of a SKU that is chosen here. */
function Draft() {
  const { t } = useTranslation("strategies");
  const typed = (Form.useWatch("steps") ?? []) as (Typed | undefined)[];
  const [sku, setSku] = useState<string | undefined>();
  const steps = typed.flatMap((each) => (each?.kind ? [written(each)] : []));
  const whole = steps.length > 0 && steps.every((step) => step !== null);
  return (
    <div className="stack">
      <h3>{t("preview.title")}</h3>
      <p className="soft">{t("preview.about_draft")}</p>
      <ChoiceOf
        of="sku"
        stocked
        label={t("preview.sku")}
        value={sku}
        onChange={setSku}
        width={200}
      />
      {sku && whole && <NextCards how="draft" asked={{ sku, count: 10, steps: steps as never }} />}
    </div>
  );
}
