import { Button, Result, Spin } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { paths } from "@/paths";
import { Page } from "@/ui/page";
import { ProblemNote } from "@/ui/problem";
import { recall } from "./permitting";

/** Where a platform sends the seller back to: the code is kept at once, and leaves the address. */
export default function Permitted() {
  const { t } = useTranslation("connect");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const began = useRef(false);
  const [error, setError] = useState<unknown>(null);
  const [stranger, setStranger] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a code is good once
  useEffect(() => {
    if (began.current) return;
    began.current = true;
    const told = new URLSearchParams(window.location.search);
    const [code, state] = [told.get("code"), told.get("state")];
    window.history.replaceState(window.history.state, "", window.location.pathname);
    const sent = recall();
    if (!code || sent === null || sent.state !== state) {
      setStranger(true);
      return;
    }
    const keep = async () => {
      const params = { path: { code: sent.store } };
      const body = { code, redirect: sent.redirect };
      await http.POST("/v1/stores/{code}/connection/grant", { params, body });
      await refresh("/v1/stores", "/v1/stores/{code}", "/v1/stores/{code}/connection");
      navigate(paths.connectStore({ store: sent.store }), { replace: true });
    };
    keep().catch(setError);
  }, []);
  return (
    <Page title={t("permitted.title")}>
      {stranger ? (
        <Result
          status="warning"
          title={t("permitted.stranger")}
          subTitle={t("permitted.stranger_hint")}
          extra={
            <Link to={paths.stores()}>
              <Button type="primary">{t("permitted.stores")}</Button>
            </Link>
          }
        />
      ) : error ? (
        <ProblemNote error={error} />
      ) : (
        <Spin description={t("permitted.keeping")} size="large">
          <div style={{ minHeight: 160 }} />
        </Spin>
      )}
    </Page>
  );
}
