import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { useSay } from "@/ui/problem";
import { formatCount } from "@/util/money";
import { FormPanel } from "./form";
import { type Lot, Lots } from "./lots";

export interface Freezing {
  readonly way: "freeze" | "unfreeze";
  readonly lots: readonly Lot[];
}

/** Let nothing more be given from some lots, or let it be again; saying why. */
export function StockFreeze({
  freezing,
  onClose,
  onDone,
}: {
  freezing: Freezing | null;
  onClose: () => void;
  onDone?: () => void;
}) {
  const { t } = useTranslation("stock");
  const refresh = useRefresh();
  const say = useSay();
  const way = freezing?.way ?? "freeze";
  const send = async ({ reason }: { reason: string }) => {
    const body = { reason, lot_ids: (freezing?.lots ?? []).map(({ id }) => id) };
    const { data } =
      way === "freeze"
        ? await http.POST("/v1/stock/freeze", { body })
        : await http.POST("/v1/stock/unfreeze", { body });
    await refreshStock(refresh);
    onClose();
    onDone?.();
    const units = formatCount(data?.units ?? 0);
    if (way === "unfreeze") say.done(t("unfreeze.done", { units }));
    else
      say.done(
        t("freeze.done", { units }),
        data?.given ? t("freeze.given", { count: data.given }) : undefined,
      );
  };
  return (
    <FormPanel
      title={t(way === "freeze" ? "freeze.title" : "unfreeze.title", {
        count: freezing?.lots.length ?? 0,
      })}
      about={
        <>
          {t(way === "freeze" ? "freeze.about" : "unfreeze.about")}
          <Lots lots={freezing?.lots ?? []} />
        </>
      }
      verb={t(way === "freeze" ? "freeze.verb" : "unfreeze.verb")}
      open={freezing !== null}
      onClose={onClose}
      send={send}
    >
      <Reason
        label={t("freeze.reason")}
        rule={t("freeze.reason_rule")}
        {...(way === "freeze" ? { hint: t("freeze.reason_hint") } : {})}
      />
    </FormPanel>
  );
}

/** Why something is done: kept with it, for whoever asks later. */
export function Reason({ label, rule, hint }: { label: string; rule: string; hint?: string }) {
  return (
    <Form.Item
      name="reason"
      label={label}
      extra={hint}
      rules={[{ required: true, min: 2, whitespace: true, message: rule }]}
    >
      <Input autoComplete="off" maxLength={200} />
    </Form.Item>
  );
}

/** Read again whatever tells of stock. */
export async function refreshStock(refresh: ReturnType<typeof useRefresh>): Promise<void> {
  await refresh(
    "/v1/stock",
    "/v1/stock/skus",
    "/v1/stock/lots",
    "/v1/stock/lots/{lot_id}",
    "/v1/stock/cards/{card_id}",
    "/v1/stock/alerts",
    "/v1/stock/slow/{sku_id}",
    "/v1/stock/levels",
  );
}
