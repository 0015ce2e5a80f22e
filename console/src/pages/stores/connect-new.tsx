import { Button, Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { useSending } from "@/forms/form";
import { paths } from "@/paths";
import { Failed, ProblemNote } from "@/ui/problem";
import { said, usePlatforms } from "./platforms";

interface Values {
  channel: components["schemas"]["ChannelKind"];
  name: string;
  code: string;
}

const CODE = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Which platform, and what the store is to be called here. */
export function ConnectNew({ onOpened }: { onOpened: (code: string) => void }) {
  const { t } = useTranslation("connect");
  const { t: shell } = useTranslation("shell");
  const [form] = Form.useForm<Values>();
  const platforms = usePlatforms();
  const refresh = useRefresh();
  const required = { required: true, message: shell("form.required") };
  const { sending, error, submit } = useSending<Values>(form, async (body) => {
    await http.POST("/v1/stores", { body });
    await refresh("/v1/stores");
    onOpened(body.code);
  });
  return (
    <div className="connect-step">
      <h2>{t("steps.platform")}</h2>
      <Unfinished />
      <ProblemNote error={error} />
      <Form<Values> form={form} layout="vertical" requiredMark="optional" onFinish={submit}>
        <Form.Item name="channel" label={t("new.channel")} rules={[required]}>
          <Radio.Group className="choices">
            {(platforms.data?.channels ?? []).map((each) => (
              <Radio key={each.channel} value={each.channel}>
                {said(each)}
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        <Form.Item
          name="name"
          label={t("new.name")}
          extra={t("new.name_hint")}
          rules={[{ ...required, whitespace: true }]}
        >
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="code"
          label={t("new.code")}
          extra={t("new.code_hint")}
          rules={[{ required: true, pattern: CODE, message: t("new.code_rule") }]}
        >
          <Input maxLength={40} autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={sending}>
          {t("new.verb")}
        </Button>
      </Form>
    </div>
  );
}

/** Stores that somebody began to connect. */
function Unfinished() {
  const { t } = useTranslation("connect");
  const asked = api.useQuery("get", "/v1/stores", { params: { query: { health: true } } });
  const begun = asked.data?.stores.filter(
    ({ channel, health }) => channel !== "direct" && health?.grant !== "granted",
  );
  if (!begun?.length) return <Failed of={[asked]} />;
  return (
    <p>
      {t("new.unfinished")}{" "}
      {begun.map((store) => (
        <Link
          key={store.code}
          className="underlined"
          to={paths.connectStore({ store: store.code })}
          style={{ marginInlineEnd: 12 }}
        >
          {store.name}
        </Link>
      ))}
    </p>
  );
}
