import { Form, Input, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { http } from "@/api/client";
import { asProblem, Problem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { refreshApprovals } from "@/pages/orders/approval-panel";
import { paths } from "@/paths";
import { Chooser } from "@/things/chooser";
import { useSay } from "@/ui/problem";
import { FormPanel } from "./form";
import { useWhole } from "./whole";

interface Values {
  external_id: string;
  sku: string;
  quantity: number;
  price: string;
  store?: string;
  customer?: string;
  account?: string;
  buyer?: string;
}

/** Enter a paid order by hand. */
export function OrderNew({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("orders");
  const whole = useWhole();
  const { t: shell } = useTranslation("shell");
  const { t: waits } = useTranslation("approvals");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const say = useSay();
  const send = async (values: Values, sure: boolean) => {
    const { external_id, store, customer, buyer, ...line } = values;
    const order = {
      external_id,
      lines: [{ ...line, price: line.price.trim() }],
      ...(store ? { store } : {}),
      ...(customer ? { customer } : {}),
      ...(buyer?.trim() ? { buyer } : {}),
    };
    try {
      const { data } = await http.POST("/v1/orders", {
        params: { header: { "Idempotency-Key": crypto.randomUUID() } },
        body: { orders: [order], deliver: "later", sure },
      });
      if (data && "approval_id" in data) {
        await refreshApprovals(refresh);
        onClose();
        if (data.state === "asked") say.done(waits("waits"), waits("waits_orders"));
        else say.done(waits("waits_before"));
        navigate(paths.approvals({ show: data.approval_id }));
        return;
      }
      await refresh("/v1/orders");
      const made = data?.orders[0];
      onClose();
      if (made === undefined) return;
      const short = made.state === "short" || made.state === "partly_filled";
      const told = short ? "manual.done_short" : "manual.done";
      say.done(t(made.new ? told : "manual.existed", { number: external_id }));
      navigate(paths.order(made.order_id));
    } catch (error) {
      throw beside(asProblem(error));
    }
  };
  const required = [{ required: true, message: shell("form.required") }];
  return (
    <FormPanel<Values>
      title={t("manual.title")}
      about={t("manual.about")}
      verb={t("manual.verb")}
      open={open}
      onClose={onClose}
      initial={{ quantity: 1, external_id: `M${Date.now().toString(36).toUpperCase()}` }}
      send={send}
    >
      <Form.Item name="sku" label={t("manual.sku")} rules={required}>
        <Chooser of="sku" />
      </Form.Item>
      <Form.Item
        name="quantity"
        label={t("manual.quantity")}
        rules={[...required, ...whole(1, 10_000)]}
      >
        <InputNumber precision={0} style={{ width: 160 }} />
      </Form.Item>
      <Form.Item
        name="price"
        label={t("manual.price")}
        rules={[
          {
            required: true,
            pattern: /^\s*\d{1,8}(\.\d{1,2})?\s*$/,
            message: t("manual.price_rule"),
          },
        ]}
      >
        <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="store" label={t("manual.store")} extra={t("manual.store_hint")}>
        <Chooser of="store" allowClear />
      </Form.Item>
      <Form.Item name="customer" label={t("manual.customer")} extra={t("manual.customer_hint")}>
        <Chooser of="customer" allowClear />
      </Form.Item>
      <Form.Item name="account" label={t("manual.account")} extra={t("manual.account_hint")}>
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Form.Item name="buyer" label={t("manual.buyer")} extra={t("manual.buyer_hint")}>
        <Input autoComplete="off" maxLength={100} />
      </Form.Item>
      <Form.Item
        name="external_id"
        label={t("manual.number")}
        rules={[{ required: true, pattern: /^[!-~]{1,64}$/, message: t("manual.number_rule") }]}
      >
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
    </FormPanel>
  );
}

/** The server names a field by where it is in the request; the form by its own name. */
function beside(problem: Problem): Problem {
  const problems = problem.fields.map((field) => ({
    ...field,
    at: field.at.split(/[/.]/).at(-1) ?? field.at,
  }));
  const { status, code, title, detail } = problem;
  return new Problem({ type: "about:blank", status, code, title, detail, problems });
}
