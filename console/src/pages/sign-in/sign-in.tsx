import { KeyOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { http } from "@/api/client";
import { forget } from "@/api/me";
import { asProblem, type Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { askForPasskey, passkeysWork } from "@/util/passkeys";
import { SecondStep } from "./second-step";

export type Wanted = components["schemas"]["SecondFactorWanted"];

const KEPT = "kashu.shop"; // the shop's code only: no secret

interface Values {
  tenant: string;
  login: string;
  password: string;
}

/** Sign in, in one step or two, and go to where one wanted to be. */
export default function SignIn() {
  const { t } = useTranslation("sign-in");
  const { t: shell } = useTranslation("shell");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked] = useSearchParams();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  useEffect(() => {
    document.title = `${t("title")} · ${shell("name")}`;
  }, [t, shell]);
  const enter = async () => {
    forget(queries);
    await navigate(safe(asked.get("back")), { replace: true });
  };
  if (wanted !== null) {
    return <SecondStep wanted={wanted} onDone={enter} onBack={() => setWanted(null)} />;
  }
  return <FirstStep onDone={enter} onWanted={setWanted} />;
}

function FirstStep({
  onDone,
  onWanted,
}: {
  onDone: () => Promise<void>;
  onWanted: (wanted: Wanted) => void;
}) {
  const { t } = useTranslation("sign-in");
  const { t: shell } = useTranslation("shell");
  const [asked] = useSearchParams();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState(false);
  const password = useRef<InputRef>(null);
  const shop = asked.get("shop") ?? localStorage.getItem(KEPT) ?? "";
  const login = asked.get("login") ?? "";
  const first = shop ? (login ? "password" : "login") : "tenant";
  const trying = async (send: () => Promise<void>) => {
    setSending(true);
    setProblem(null);
    try {
      await send();
    } catch (error) {
      setProblem(asProblem(error));
      password.current?.focus({ cursor: "all" });
    } finally {
      setSending(false);
    }
  };
  const byPassword = (body: Values) =>
    trying(async () => {
      const { data, response } = await http.POST("/v1/session", { body });
      localStorage.setItem(KEPT, body.tenant);
      if (response.status === 202) onWanted(data as unknown as Wanted);
      else await onDone();
    });
  const byPasskey = () =>
    trying(async () => {
      const { data } = await http.POST("/v1/session/passkey/options");
      const passkey = data && (await askForPasskey(data.options));
      if (!passkey) return;
      await http.POST("/v1/session/passkey", { body: { passkey } });
      await onDone();
    });
  const required = [{ required: true, message: shell("form.required") }];
  return (
    <>
      <h1>{t("title")}</h1>
      <Refusal problem={problem} />
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        size="large"
        initialValues={{ tenant: shop, login }}
        onFinish={byPassword}
      >
        <Form.Item name="tenant" label={t("shop")} rules={required}>
          <Input
            autoComplete="organization"
            autoFocus={first === "tenant"}
            autoCapitalize="none"
            spellCheck={false}
          />
        </Form.Item>
        <Form.Item name="login" label={t("login")} rules={required}>
          <Input
            autoComplete="username"
            autoFocus={first === "login"}
            autoCapitalize="none"
            spellCheck={false}
          />
        </Form.Item>
        <Form.Item name="password" label={t("password")} rules={required}>
          <Input.Password
            ref={password}
            autoComplete="current-password"
            autoFocus={first === "password"}
          />
        </Form.Item>
        <Button type="primary" htmlType="submit" block loading={sending}>
          {t("enter")}
        </Button>
      </Form>
      {passkeysWork() && (
        <Button
          block
          size="large"
          icon={<KeyOutlined />}
          onClick={byPasskey}
          style={{ marginTop: 12 }}
        >
          {t("passkey")}
        </Button>
      )}
      <p className="soft" style={{ marginBottom: 0 }}>
        {t("hint")}
      </p>
    </>
  );
}

/** Why somebody doesn't get in, above what they typed. */
export function Refusal({ problem }: { problem: Problem | null }) {
  if (problem === null) return null;
  return (
    <Alert type="error" showIcon role="alert" title={problem.detail} style={{ marginBottom: 16 }} />
  );
}

/** Only within the console: a link from outside must not lead elsewhere after signing in. */
function safe(back: string | null): string {
  return back?.startsWith("/") && !/^\/[/\\]/.test(back) ? back : paths.home();
}
