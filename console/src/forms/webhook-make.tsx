import "@/theme/webhooks.css";
import { Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { Chooser } from "@/things/chooser";
import { FormPanel } from "./form";
import { TypesField, type TypesValues, typesOf } from "./webhook-types";

export type WebhookMade = components["schemas"]["WebhookMade"];

type Scope = "shop" | "store" | "customer";

interface Values extends TypesValues {
  name: string;
  url: string;
  scope: Scope;
  store_id?: string;
  customer_id?: string;
}

/** Have an address told what happens. */
export function WebhookMake({
  open,
  onClose,
  onMade,
}: {
  open: boolean;
  onClose: () => void;
  onMade: (made: WebhookMade) => void;
}) {
  const { t } = useTranslation("webhooks");
  const refresh = useRefresh();
  const send = async ({ name, url, scope, store_id, customer_id, ...told }: Values) => {
    const whose = {
      ...(scope === "store" && store_id ? { store_id } : {}),
      ...(scope === "customer" && customer_id ? { customer_id } : {}),
    };
    const body = { name, url: url.trim(), types: typesOf(told, scope !== "shop"), ...whose };
    const { data } = await http.POST("/v1/webhooks", { body });
    await refresh("/v1/webhooks");
    onClose();
    if (data) onMade(data);
  };
  return (
    <FormPanel<Values>
      title={t("make.open")}
      about={t("make.about")}
      verb={t("make.verb")}
      open={open}
      onClose={onClose}
      initial={{ scope: "shop", heard: "all", types: [] }}
      send={send}
    >
      <AddressFields />
      <Whose />
    </FormPanel>
  );
}

/** Its name and where messages go. */
export function AddressFields() {
  const { t } = useTranslation("webhooks");
  const { t: shell } = useTranslation("shell");
  const required = { required: true, message: shell("form.required") };
  const whole = (_: unknown, written?: string) =>
    !written || isAddress(written.trim())
      ? Promise.resolve()
      : Promise.reject(new Error(t("form.url_wrong")));
  return (
    <>
      <Form.Item
        name="name"
        label={t("name")}
        extra={t("form.name_hint")}
        rules={[{ ...required, whitespace: true }]}
      >
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="url"
        label={t("url")}
        extra={t("form.url_hint")}
        validateTrigger="onBlur"
        rules={[required, { validator: whole }]}
      >
        <Input
          type="url"
          inputMode="url"
          maxLength={2000}
          autoComplete="off"
          placeholder="https://erp.example.com/kashu"
        />
      </Form.Item>
    </>
  );
}

// What is plain http the server refuses, unless it may call simulators on its own machine.
function isAddress(written: string): boolean {
  return /^https?:\/\//i.test(written) && URL.canParse(written);
}

/** Of what it is told: of everything in the shop, or of one store's or one customer's orders. */
function Whose() {
  const { t } = useTranslation("webhooks");
  const { t: shell } = useTranslation("shell");
  const scope = Form.useWatch<Scope | undefined>("scope") ?? "shop";
  const required = { required: true, message: shell("form.required") };
  return (
    <>
      <Form.Item name="scope" label={t("form.scope")} extra={t("form.scope_hint")} required>
        <Radio.Group
          className="webhook-choice"
          options={[
            { value: "shop", label: t("form.scope_shop") },
            { value: "store", label: t("form.scope_store") },
            { value: "customer", label: t("form.scope_customer") },
          ]}
        />
      </Form.Item>
      {scope === "store" && (
        <Form.Item name="store_id" label={t("form.store")} rules={[required]}>
          <Chooser of="store" by="id" />
        </Form.Item>
      )}
      {scope === "customer" && (
        <Form.Item name="customer_id" label={t("form.customer")} rules={[required]}>
          <Chooser of="customer" by="id" />
        </Form.Item>
      )}
      <TypesField bound={scope !== "shop"} />
    </>
  );
}
