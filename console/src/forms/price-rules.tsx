import { Button, Divider, Form, Input, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { plain, ppm } from "@/pages/prices/reckon";
import { Panel } from "@/ui/panel";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { useSending } from "./form";

type Rules = components["schemas"]["PriceRulesShown"];

// What is typed, of which kind it is, in the order it is asked.
const FIELDS = {
  believe: { rise: "percent", drop: "percent" },
  tell: { move: "percent" },
  fresh: { stale: "minutes", file_stale: "hours" },
  risk: {
    failure_cost: "amount",
    invalid_cost: "amount",
    usual_failure: "percent",
    usual_invalid: "percent",
  },
  money: { capital: "percent", prepaid_days: "days", stock_days: "days" },
} as const;
const SECONDS = { minutes: 60, hours: 3_600 } as const;
const NUMBER = /^\d{1,7}(\.\d{1,4})?$/;
const WHOLE = /^\d{1,7}$/;

type Groups = typeof FIELDS;
type Name = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups];
type Unit = "percent" | "minutes" | "hours" | "amount" | "days";
type Values = Record<Name, string>;

/** How offers are compared, and what foreign currencies cost. */
export function PriceRules({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("prices");
  const may = useMay()("suppliers.write");
  const asked = api.useQuery("get", "/v1/price-rules", {}, { enabled: open });
  return (
    <Panel title={t("rules.title")} open={open} onClose={onClose}>
      <p className="soft">{t(may ? "rules.about" : "rules.read_only")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && open && <Skeleton active />}
      {asked.data && <RulesForm rules={asked.data} may={may} />}
      <Divider />
      {open && <Rates may={may} />}
    </Panel>
  );
}

function RulesForm({ rules, may }: { rules: Rules; may: boolean }) {
  const { t } = useTranslation("prices");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<Values>();
  const refresh = useRefresh();
  const say = useSay();
  const { sending, error, submit } = useSending<Values>(form, async (values) => {
    await http.PATCH("/v1/price-rules", { body: sent(values) });
    await refresh("/v1/price-rules", "/v1/prices", "/v1/skus/{code}/offers", "/v1/offers");
    say.done(t("rules.saved"));
  });
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={typed(rules)}
      onFinish={submit}
      disabled={!may}
    >
      <ProblemNote error={error} />
      {groups().map(([group, fields]) => (
        <fieldset key={group} className="plain-fields">
          <legend>
            <strong>{t(`rules.${group}`)}</strong>
          </legend>
          <div className="field-pair">
            {fields.map(([name, unit]) => (
              <Form.Item
                key={name}
                name={name}
                label={t(`rules.${name}`)}
                rules={[
                  { required: true, message: shell("form.required") },
                  { pattern: isWhole(unit) ? WHOLE : NUMBER, message: t("rules.number") },
                ]}
              >
                <Input inputMode="decimal" autoComplete="off" />
              </Form.Item>
            ))}
          </div>
        </fieldset>
      ))}
      {may && (
        <Button type="primary" htmlType="submit" loading={sending}>
          {t("rules.verb")}
        </Button>
      )}
    </Form>
  );
}

function groups(): [keyof Groups, [Name, Unit][]][] {
  return Object.entries(FIELDS).map(([group, fields]) => [
    group as keyof Groups,
    Object.entries(fields) as [Name, Unit][],
  ]);
}

function isWhole(unit: Unit): boolean {
  return unit !== "percent" && unit !== "amount";
}

function typed(rules: Rules): Values {
  return {
    rise: plain(rules.rise_ppm),
    drop: plain(rules.drop_ppm),
    move: plain(rules.move_ppm),
    stale: String(Math.round(rules.stale_s / SECONDS.minutes)),
    file_stale: String(Math.round(rules.file_stale_s / SECONDS.hours)),
    failure_cost: rules.failure_cost,
    invalid_cost: rules.invalid_cost,
    usual_failure: plain(rules.usual_failure_ppm),
    usual_invalid: plain(rules.usual_invalid_ppm),
    capital: plain(rules.capital_ppm),
    prepaid_days: String(rules.prepaid_days),
    stock_days: String(rules.stock_days),
  };
}

function sent(values: Values) {
  return {
    rise_ppm: ppm(values.rise),
    drop_ppm: ppm(values.drop),
    move_ppm: ppm(values.move),
    stale_s: Number(values.stale) * SECONDS.minutes,
    file_stale_s: Number(values.file_stale) * SECONDS.hours,
    failure_cost: values.failure_cost,
    invalid_cost: values.invalid_cost,
    usual_failure_ppm: ppm(values.usual_failure),
    usual_invalid_ppm: ppm(values.usual_invalid),
    capital_ppm: ppm(values.capital),
    prepaid_days: Number(values.prepaid_days),
    stock_days: Number(values.stock_days),
  };
}

function Rates({ may }: { may: boolean }) {
  const { t } = useTranslation("prices");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<{ currency: string; rate: string }>();
  const refresh = useRefresh();
  const say = useSay();
  const asked = api.useQuery("get", "/v1/exchange-rates", {});
  const again = () => refresh("/v1/exchange-rates", "/v1/prices", "/v1/skus/{code}/offers");
  const { sending, error, submit } = useSending<{ currency: string; rate: string }>(
    form,
    async ({ currency, rate }) => {
      const params = { path: { currency } };
      await http.PUT("/v1/exchange-rates/{currency}", { params, body: { rate } });
      await again();
      form.resetFields();
      say.done(t("rules.rate_saved", { currency }));
    },
  );
  const drop = async (currency: string) => {
    try {
      await http.DELETE("/v1/exchange-rates/{currency}", { params: { path: { currency } } });
      await again();
      say.done(t("rules.rate_dropped", { currency }));
    } catch (refused) {
      say.failed(refused);
    }
  };
  return (
    <section>
      <strong>{t("rules.rates")}</strong>
      <p className="soft">{t("rules.rates_about")}</p>
      <ProblemNote error={asked.error ?? error} />
      {asked.data?.map(({ currency, rate, set_at }) => (
        <div className="line" key={currency}>
          <span className="line-name code">{currency}</span>
          <span className="line-main figures">
            {rate}{" "}
            <span className="soft">
              {t("rules.set_at")} <Time at={set_at} />
            </span>
          </span>
          {may && (
            <Button size="small" onClick={() => drop(currency)}>
              {t("rules.drop_rate", { currency })}
            </Button>
          )}
        </div>
      ))}
      {may && (
        <Form
          form={form}
          layout="inline"
          requiredMark={false}
          onFinish={submit}
          style={{ marginTop: 8, rowGap: 8 }}
        >
          <Form.Item
            name="currency"
            label={t("rules.currency")}
            normalize={(value: string) => value.toUpperCase()}
            rules={[{ required: true, pattern: /^[A-Z]{3}$/, message: t("rules.currency_rule") }]}
          >
            <Input autoComplete="off" maxLength={3} style={{ width: 80 }} />
          </Form.Item>
          <Form.Item
            name="rate"
            label={t("rules.rate")}
            rules={[
              { required: true, message: shell("form.required") },
              { pattern: /^\d{1,4}(\.\d{1,6})?$/, message: t("rules.rate_rule") },
            ]}
          >
            <Input inputMode="decimal" autoComplete="off" style={{ width: 110 }} />
          </Form.Item>
          <Button htmlType="submit" loading={sending}>
            {t("rules.set_rate")}
          </Button>
        </Form>
      )}
    </section>
  );
}
