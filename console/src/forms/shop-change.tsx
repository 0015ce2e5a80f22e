import { useQueryClient } from "@tanstack/react-query";
import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { ME, useMe } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { ZoneSelect } from "@/ui/zone";
import { FormPanel } from "./form";

interface Values {
  name: string;
  timezone: string;
}

/** Rename the shop, or say where its days begin. */
export function ShopChange({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("shop");
  const { t: shell } = useTranslation("shell");
  const { tenant } = useMe();
  const queries = useQueryClient();
  const refresh = useRefresh();
  const say = useSay();
  const send = async ({ name, timezone }: Values) => {
    await http.PATCH("/v1/settings/shop", { body: { name: name.trim(), timezone } });
    await queries.invalidateQueries({ queryKey: ME.queryKey });
    await refresh("/v1/reports/profit");
    onClose();
    say.done(t("changed"));
  };
  return (
    <FormPanel<Values>
      title={t("change")}
      verb={t("keep")}
      open={open}
      onClose={onClose}
      initial={{ name: tenant.name, timezone: tenant.timezone }}
      send={send}
    >
      <Form.Item
        name="name"
        label={t("name")}
        rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
      >
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="timezone" label={t("timezone")} extra={t("timezone_hint")}>
        <ZoneSelect />
      </Form.Item>
    </FormPanel>
  );
}
