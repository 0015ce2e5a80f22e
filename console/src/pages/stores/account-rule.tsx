import { Button, Form, Input, InputNumber, Radio, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { FormPanel, useConfirm } from "@/forms/form";
import { ProblemNote, useSay } from "@/ui/problem";
import type { Listing } from "./listings-types";

type Rule = components["schemas"]["AccountRule"];
const FOUND = ["message", "properties"] as const;
const LOOKS = ["phone", "qq", "email", "digits", "pattern"] as const;

/** Where the buyers of a top-up write their account: said once, read from each order. */
export function AccountRule({ listing }: { listing: Listing }) {
  const { t } = useTranslation("listings");
  const [setting, setSetting] = useState(false);
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const params = { path: { listing_id: listing.id } };
  const asked = api.useQuery("get", "/v1/listings/{listing_id}/account-rule", { params });
  const rule = asked.data ?? null;
  const read = () =>
    refresh("/v1/listings/{listing_id}/account-rule", "/v1/stores/{code}/listings");
  const drop = async () => {
    await http.DELETE("/v1/listings/{listing_id}/account-rule", { params });
    await read();
    say.done(t("panel.saved"));
  };
  const send = async (body: Rule) => {
    await http.PUT("/v1/listings/{listing_id}/account-rule", { params, body });
    await read();
    setSetting(false);
    say.done(t("panel.saved"));
  };
  return (
    <section>
      <h3>{t("panel.rule")}</h3>
      <p className="soft">{t("panel.rule_about")}</p>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      <p>
        {rule
          ? `${t(`panel.found.${rule.found_in ?? "message"}`)} · ${t(`panel.look.${rule.looks}`)}${
              rule.label ? ` · ${rule.label}` : ""
            }`
          : asked.isSuccess && t("panel.rule_none")}
      </p>
      {asked.isSuccess && listing.can.includes("change") && (
        <Space>
          <Button size="small" onClick={() => setSetting(true)}>
            {t("panel.rule_change")}
          </Button>
          {rule && (
            <Button
              size="small"
              type="text"
              onClick={() =>
                confirm({ title: t("panel.rule_drop"), verb: t("panel.rule_drop"), send: drop })
              }
            >
              {t("panel.rule_drop")}
            </Button>
          )}
        </Space>
      )}
      <RuleForm rule={rule} open={setting} onClose={() => setSetting(false)} send={send} />
    </section>
  );
}

function RuleForm({
  rule,
  open,
  onClose,
  send,
}: {
  rule: Rule | null;
  open: boolean;
  onClose: () => void;
  send: (rule: Rule) => Promise<void>;
}) {
  const { t } = useTranslation("listings");
  const { t: shell } = useTranslation("shell");
  const required = { required: true, message: shell("form.required") };
  return (
    <FormPanel<Rule>
      title={t("panel.rule")}
      about={t("panel.rule_about")}
      verb={t("panel.rule_change")}
      open={open}
      onClose={onClose}
      initial={rule ?? { found_in: "message", looks: "phone" }}
      send={send}
    >
      <Form.Item name="found_in" label={t("panel.found_in")} rules={[required]}>
        <Radio.Group
          vertical
          options={FOUND.map((value) => ({ value, label: t(`panel.found.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="looks" label={t("panel.looks")} rules={[required]}>
        <Radio.Group
          vertical
          options={LOOKS.map((value) => ({ value, label: t(`panel.look.${value}`) }))}
        />
      </Form.Item>
      <Form.Item noStyle dependencies={["looks"]}>
        {({ getFieldValue }) => <LooksFields looks={getFieldValue("looks") as Rule["looks"]} />}
      </Form.Item>
      <Form.Item name="label" label={t("panel.label")} extra={t("panel.label_hint")}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
    </FormPanel>
  );
}

/** What only some accounts need: how many digits, or a pattern. */
function LooksFields({ looks }: { looks: Rule["looks"] }) {
  const { t } = useTranslation("listings");
  const { t: shell } = useTranslation("shell");
  const required = { required: true, message: shell("form.required") };
  if (looks === "digits") {
    return (
      <Space size={16}>
        <Form.Item name="digits_min" label={t("panel.digits_min")} rules={[required]}>
          <InputNumber min={1} max={64} precision={0} />
        </Form.Item>
        <Form.Item name="digits_max" label={t("panel.digits_max")} rules={[required]}>
          <InputNumber min={1} max={64} precision={0} />
        </Form.Item>
      </Space>
    );
  }
  if (looks === "pattern") {
    return (
      <Form.Item
        name="pattern"
        label={t("panel.pattern")}
        extra={t("panel.pattern_hint")}
        rules={[required]}
      >
        <Input maxLength={200} autoComplete="off" spellCheck={false} className="code" />
      </Form.Item>
    );
  }
  return null;
}
