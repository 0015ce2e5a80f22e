import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { paths } from "@/paths";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

interface Values {
  code: string;
  name: string;
  partial: Partial;
}

type Partial = "as" | "yes" | "no";

/** Whether part of an order may go out first: as the store or SKU says, or one way or the other. */
export function partialOf(written: Partial): boolean | null {
  return written === "as" ? null : written === "yes";
}

/** Add somebody who buys under an agreement. */
export function CustomerAdd({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const say = useSay();
  const send = async ({ code, name, partial }: Values) => {
    const body = { code, name, partial_allowed: partialOf(partial) };
    await http.POST("/v1/customers", { body });
    await refresh("/v1/customers");
    say.done(t("list.added_done", { name }));
    navigate(paths.customer(code));
  };
  return (
    <FormPanel<Values>
      title={t("list.add")}
      about={t("list.add_about")}
      verb={t("list.add")}
      open={open}
      onClose={onClose}
      initial={{ partial: "as" }}
      send={send}
    >
      <Form.Item
        name="name"
        label={t("list.name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="code"
        label={t("list.code")}
        extra={t("list.code_rule")}
        rules={[
          { required: true, pattern: /^[a-z0-9][a-z0-9-]{0,39}$/, message: t("list.code_rule") },
        ]}
      >
        <Input maxLength={40} autoComplete="off" autoCapitalize="none" className="code" />
      </Form.Item>
      <PartialChoice />
    </FormPanel>
  );
}

/** What becomes of an order that we can fill in part. */
export function PartialChoice() {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  return (
    <Form.Item name="partial" label={t("list.partial")}>
      <Select
        options={[
          { value: "as", label: t("list.partial_as") },
          { value: "yes", label: shell("do.yes") },
          { value: "no", label: shell("do.no") },
        ]}
      />
    </Form.Item>
  );
}
