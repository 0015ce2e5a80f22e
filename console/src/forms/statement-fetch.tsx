import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { useMe } from "@/api/me";
import { useSuppliers } from "@/pages/purchases/things";
import { useRefreshStatements } from "@/pages/statements/things";
import { paths } from "@/paths";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { lastMonth } from "./statement-take";

interface Values {
  supplier: string;
  first_on: string;
  last_on: string;
}

/** Ask the supplier's system for its statement of some days. */
export function StatementFetch({
  open,
  supplier,
  onClose,
}: {
  open: boolean;
  supplier: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("statements");
  const { t: shell } = useTranslation("shell");
  const zone = useMe().tenant.timezone;
  const navigate = useNavigate();
  const refresh = useRefreshStatements();
  const say = useSay();
  const send = async (body: Values) => {
    const { data } = await http.POST("/v1/statements/fetch", { body });
    await refresh();
    onClose();
    if (data === undefined) return;
    say.done(t(data.is_new ? "take.done" : "take.known"));
    if (data.id) navigate(paths.supplierStatement(data.id));
  };
  const required = [{ required: true, message: shell("form.required") }];
  const [first, last] = lastMonth(zone);
  return (
    <FormPanel<Values>
      title={t("fetch.title")}
      about={t("fetch.about")}
      verb={t("fetch.verb")}
      open={open}
      onClose={onClose}
      initial={{ first_on: first, last_on: last, ...(supplier ? { supplier } : {}) }}
      send={send}
    >
      <Form.Item name="supplier" label={t("supplier")} rules={required}>
        <Select options={useSuppliers()} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="first_on" label={t("take.first_on")} rules={required}>
        <Input type="date" style={{ width: 180 }} />
      </Form.Item>
      <Form.Item name="last_on" label={t("take.last_on")} rules={required}>
        <Input type="date" style={{ width: 180 }} />
      </Form.Item>
    </FormPanel>
  );
}
