import { Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { useChoices } from "@/ui/badge";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";

type Tier = components["schemas"]["NewSupplier"]["tier"];
interface Values {
  code: string;
  name: string;
  tier: string;
}

/** Add a supplier; then it is connected, step by step. */
export function SupplierNew({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const say = useSay();
  const send = async ({ code, name, tier }: Values) => {
    const body = { code, name: name.trim(), tier: Number(tier) as NonNullable<Tier> };
    await http.POST("/v1/suppliers", { body });
    await refresh("/v1/suppliers", "/v1/supplier-overview");
    say.done(t("add.done", { name: body.name }));
    navigate(paths.supplier(code, { show: "connect" }));
  };
  return (
    <FormPanel<Values>
      title={t("list.add")}
      about={t("add.about")}
      verb={t("add.verb")}
      open={open}
      onClose={onClose}
      initial={{ tier: "2" }}
      send={send}
    >
      <SupplierName />
      <Form.Item
        name="code"
        label={t("add.code")}
        rules={[{ required: true, pattern: /^[a-z][a-z0-9-]{0,39}$/, message: t("add.code_rule") }]}
      >
        <Input autoComplete="off" autoCapitalize="none" maxLength={40} />
      </Form.Item>
      <TierChoice />
    </FormPanel>
  );
}

/** Change a supplier's name and tier. */
export function SupplierChange({
  supplier,
  open,
  onClose,
}: {
  supplier: { code: string; name: string; tier: number };
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("suppliers");
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ name, tier }: Values) => {
    const params = { path: { code: supplier.code } };
    const body = { name: name.trim(), tier: Number(tier) as NonNullable<Tier> };
    await http.PATCH("/v1/suppliers/{code}", { params, body });
    await refresh("/v1/suppliers", "/v1/supplier-overview", "/v1/prices");
    onClose();
    say.done(t("change.done"));
  };
  return (
    <FormPanel<Values>
      title={t("change.act")}
      verb={t("change.verb")}
      open={open}
      onClose={onClose}
      initial={{ name: supplier.name, tier: String(supplier.tier) }}
      send={send}
    >
      <SupplierName />
      <TierChoice />
    </FormPanel>
  );
}

function SupplierName() {
  const { t } = useTranslation("suppliers");
  const { t: shell } = useTranslation("shell");
  return (
    <Form.Item
      name="name"
      label={t("add.name")}
      rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
    >
      <Input autoComplete="off" maxLength={60} />
    </Form.Item>
  );
}

function TierChoice() {
  const { t } = useTranslation("suppliers");
  return (
    <Form.Item name="tier" label={t("add.tier")}>
      <Radio.Group options={useChoices("tier")} />
    </Form.Item>
  );
}
