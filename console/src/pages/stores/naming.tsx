import { Card, Form, Input, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { FormPanel, useConfirm } from "@/forms/form";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import type { Store } from "./frame";

/** What it is called, and whether it takes orders at all. */
export function Naming({ store }: { store: Store }) {
  const { t } = useTranslation("stores");
  const { t: shell } = useTranslation("shell");
  const [renaming, setRenaming] = useState(false);
  const refresh = useRefresh();
  const confirm = useConfirm();
  const say = useSay();
  const change = async (body: { name?: string; state?: "open" | "closed" }) => {
    const params = { path: { code: store.code } };
    await http.PATCH("/v1/stores/{code}", { params, body });
    await refresh("/v1/stores", "/v1/stores/{code}");
    say.done(t("naming.done"));
  };
  const open = store.state === "open";
  const close = () =>
    confirm({
      title: t("naming.close_ask", { name: store.name }),
      about: t("naming.close_about"),
      verb: t("naming.close"),
      danger: true,
      send: () => change({ state: "closed" }),
    });
  return (
    <Card
      size="small"
      title={t("naming.title")}
      extra={
        <Space>
          <Act size="small" can={store.can} does="change" onClick={() => setRenaming(true)}>
            {t("naming.rename")}
          </Act>
          {open ? (
            <Act size="small" can={store.can} does="close" onClick={close}>
              {t("naming.close")}
            </Act>
          ) : (
            <Act size="small" onClick={() => change({ state: "open" }).catch(say.failed)}>
              {t("naming.reopen")}
            </Act>
          )}
        </Space>
      }
    >
      <Facts>
        <Fact name={t("naming.name")}>{store.name}</Fact>
        <Fact name={t("list.code")}>
          <span className="code">{store.code}</span>
        </Fact>
        <Fact name={t("list.state")}>
          <Badge of="store" value={store.state} />
        </Fact>
        <Fact name={t("naming.opened")}>
          <Time at={store.opened_at} />
        </Fact>
      </Facts>
      <FormPanel<{ name: string }>
        title={t("naming.rename")}
        verb={t("naming.rename")}
        open={renaming}
        onClose={() => setRenaming(false)}
        initial={{ name: store.name }}
        send={async (values) => {
          await change(values);
          setRenaming(false);
        }}
      >
        <Form.Item
          name="name"
          label={t("naming.name")}
          rules={[{ required: true, whitespace: true, message: shell("form.required") }]}
        >
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
      </FormPanel>
    </Card>
  );
}
