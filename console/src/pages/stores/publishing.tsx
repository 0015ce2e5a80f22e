import { Button, Card, Form, InputNumber, Space } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSending } from "@/forms/form";
import { ProblemNote, useSay } from "@/ui/problem";
import type { Health, Store } from "./frame";

interface Values {
  share_percent: number;
  buffer: number;
}

const EXAMPLE = 100; // cards that could be sold, to show what comes of it

/** How much of what could be sold the platform is told: a share of it, less a safety buffer. */
export function Publishing({ store, health }: { store: Store; health: Health }) {
  const { t } = useTranslation("stores");
  const [form] = Form.useForm<Values>();
  const refresh = useRefresh();
  const say = useSay();
  const share = Form.useWatch("share_percent", form) ?? health.share_percent;
  const buffer = Form.useWatch("buffer", form) ?? health.buffer;
  const may = store.can.includes("change_publishing");
  const { sending, error, submit } = useSending<Values>(form, async (values) => {
    const params = { path: { code: store.code } };
    await http.PATCH("/v1/stores/{code}/publishing", { params, body: values });
    await refresh("/v1/stores", "/v1/stores/{code}");
    say.done(t("publishing.done"));
  });
  const changed = share !== health.share_percent || buffer !== health.buffer;
  const shown = Math.max(0, Math.floor((EXAMPLE * share) / 100) - buffer);
  return (
    <Card size="small" title={t("publishing.title")}>
      <p className="soft" style={{ marginTop: 0 }}>
        {t("publishing.about")}
      </p>
      <ProblemNote error={error} />
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        disabled={!may}
        initialValues={{ share_percent: health.share_percent, buffer: health.buffer }}
        onFinish={submit}
      >
        <Space size={16} wrap align="end">
          <Form.Item
            name="share_percent"
            label={t("publishing.share")}
            rules={[{ required: true }]}
          >
            <InputNumber min={0} max={100} precision={0} suffix="%" style={{ width: 110 }} />
          </Form.Item>
          <Form.Item name="buffer" label={t("publishing.buffer")} rules={[{ required: true }]}>
            <InputNumber min={0} max={1_000_000} precision={0} style={{ width: 130 }} />
          </Form.Item>
          <Form.Item>
            <Button htmlType="submit" type="primary" loading={sending} disabled={!may || !changed}>
              {t("publishing.save")}
            </Button>
          </Form.Item>
        </Space>
      </Form>
      <span className="soft">{t("publishing.example", { of: EXAMPLE, shown })}</span>
    </Card>
  );
}
