import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { PartialChoice, partialOf } from "./customer-add";
import { FormPanel } from "./form";

type Customer = components["schemas"]["CustomerShown"];

interface Values {
  name: string;
  partial: "as" | "yes" | "no";
}

/** Rename a customer, or change what becomes of its orders when stock is short. */
export function CustomerChange({
  customer,
  open,
  onClose,
}: {
  customer: Customer;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("customers");
  const { t: shell } = useTranslation("shell");
  const refresh = useRefresh();
  const say = useSay();
  const params = { path: { code: customer.code } };
  const send = async ({ name, partial }: Values) => {
    const body = { name, partial_allowed: partialOf(partial) };
    await http.PATCH("/v1/customers/{code}", { params, body });
    await refresh("/v1/customers", "/v1/customers/{code}");
    onClose();
    say.done(t("one.changed"));
  };
  const before = customer.partial_allowed;
  return (
    <FormPanel<Values>
      title={t("one.change")}
      verb={shell("do.save")}
      open={open}
      onClose={onClose}
      initial={{ name: customer.name, partial: before === null ? "as" : before ? "yes" : "no" }}
      send={send}
    >
      <Form.Item
        name="name"
        label={t("list.name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <PartialChoice />
    </FormPanel>
  );
}
