import { KeyOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { askForPasskey, passkeysWork } from "@/util/passkeys";
import { Refusal, type Wanted } from "./sign-in";

type Given = components["schemas"]["SecondStep"];
type Way = "code" | "recovery";

/** The password was right; a code, a passkey or a recovery code finishes it. */
export function SecondStep({
  wanted,
  onDone,
  onBack,
}: {
  wanted: Wanted;
  onDone: () => Promise<void>;
  onBack: () => void;
}) {
  const { t } = useTranslation("sign-in");
  const { factors } = wanted;
  const [way, setWay] = useState<Way>(factors.authenticator ? "code" : "recovery");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState(false);
  const finish = async (given: () => Promise<Given | null>) => {
    setSending(true);
    setProblem(null);
    try {
      const body = await given();
      if (body === null) return;
      await http.POST("/v1/session/second-factor", { body });
      await onDone();
    } catch (error) {
      const refused = asProblem(error);
      setProblem(refused);
      if (refused.code === "sign_in_lapsed") setTimeout(onBack, 4000);
    } finally {
      setSending(false);
    }
  };
  const byPasskey = () =>
    finish(async () => {
      const { data } = await http.POST("/v1/session/second-factor/passkey");
      const passkey = data && (await askForPasskey(data.options));
      return passkey ? { passkey } : null;
    });
  const written = factors.authenticator || factors.recovery_codes;
  return (
    <>
      <h1>{t("second.title")}</h1>
      <Refusal problem={problem} />
      {written && (
        <CodeForm
          way={way}
          sending={sending}
          onCode={(code) =>
            finish(async () => (way === "code" ? { code } : { recovery_code: code }))
          }
        />
      )}
      <div style={{ display: "grid", gap: 8, marginTop: 12 }}>
        {factors.passkey && passkeysWork() && (
          <Button block size="large" icon={<KeyOutlined />} loading={sending} onClick={byPasskey}>
            {t("second.passkey")}
          </Button>
        )}
        {factors.authenticator && factors.recovery_codes && (
          <Button block type="link" onClick={() => setWay(way === "code" ? "recovery" : "code")}>
            {t(way === "code" ? "second.by_recovery" : "second.by_code")}
          </Button>
        )}
        <Button block type="link" onClick={onBack}>
          {t("second.back")}
        </Button>
      </div>
    </>
  );
}

function CodeForm({
  way,
  sending,
  onCode,
}: {
  way: Way;
  sending: boolean;
  onCode: (code: string) => Promise<void>;
}) {
  const { t } = useTranslation("sign-in");
  const { t: shell } = useTranslation("shell");
  return (
    <Form<{ code: string }>
      key={way}
      layout="vertical"
      requiredMark={false}
      size="large"
      onFinish={({ code }) => onCode(code.replaceAll(" ", ""))}
    >
      <Form.Item
        name="code"
        label={t(`second.${way}`)}
        extra={t(`second.${way}_hint`)}
        rules={[{ required: true, message: shell("form.required") }]}
      >
        <Input
          autoFocus
          autoComplete="one-time-code"
          inputMode={way === "code" ? "numeric" : "text"}
          maxLength={way === "code" ? 7 : 20}
          spellCheck={false}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={sending}>
        {t("second.enter")}
      </Button>
    </Form>
  );
}
