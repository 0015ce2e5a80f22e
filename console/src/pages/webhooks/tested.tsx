import { Alert, Spin } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { ProblemNote } from "@/ui/problem";
import { Answer } from "./things";

const LOOK_MS = 1_000;
const LONG_MS = 30_000; // an answer has 20 seconds: whoever waits longer waits for the worker

/** How a test message that was just sent goes: asked again until it was tried once. */
export function Tested({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("webhooks");
  const refresh = useRefresh();
  const long = useLong();
  const asked = api.useQuery(
    "get",
    "/v1/webhook-deliveries/{delivery_id}",
    { params: { path: { delivery_id: id } } },
    { refetchInterval: ({ state }) => (isOver(state.data) ? false : LOOK_MS) },
  );
  const tried = asked.data?.tries.at(-1);
  const over = isOver(asked.data);
  useEffect(() => {
    if (over) void refresh("/v1/webhooks", "/v1/webhooks/{webhook_id}/deliveries");
  }, [over, refresh]);
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  const arrived = asked.data?.delivery.state === "delivered";
  const said = () => {
    if (tried) return t(arrived ? "test.delivered" : "test.failed");
    return over ? t("test.ended") : t("test.sending");
  };
  return (
    <Alert
      role="status"
      style={{ marginTop: 12 }}
      type={over ? (arrived ? "success" : "error") : "info"}
      showIcon
      icon={over ? undefined : <Spin size="small" />}
      title={said()}
      description={tried ? <Answer of={tried} /> : long && !over && t("test.waits")}
      closable={{ onClose }}
    />
  );
}

interface Read {
  readonly delivery: { readonly state: string };
  readonly tries: readonly unknown[];
}

function isOver(read: Read | undefined): boolean {
  return read !== undefined && (read.tries.length > 0 || read.delivery.state !== "due");
}

function useLong(): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return long;
}
