import { keepPreviousData } from "@tanstack/react-query";
import { Button, Form, Input, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import { FormPanel } from "@/forms/form";
import { paths } from "@/paths";
import type { Column } from "@/table/columns";
import { Choice, Typed } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { useNames } from "@/things/sought";
import { Act } from "@/ui/act";
import { Badge, useChoices, Word } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { useSay } from "@/ui/problem";
import { Time } from "@/ui/time";

type ShopRefund = components["schemas"]["ShopRefundShown"];

const QUERY = {
  store: text,
  step: oneOf("seen", "due", "settled", "trouble"),
  order_number: text,
  before: text,
};

/** Refunds as their platforms tell them, and whether our books have followed. */
export default function ShopRefunds() {
  const { t } = useTranslation("stores");
  const may = useMay();
  const [query, change] = useUrl(QUERY);
  const [chosen, setChosen] = useState<readonly ShopRefund[]>([]);
  const asked = api.useQuery(
    "get",
    "/v1/shop-refunds",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const filtered = Boolean(query.store || query.step || query.order_number);
  return (
    <Page title={t("refunds.title")} about={t("refunds.about")}>
      <List<ShopRefund>
        name="shop_refunds"
        label={t("refunds.title")}
        columns={useColumns(
          useNames("store", asked.data?.shop_refunds.map(({ store }) => store) ?? []),
        )}
        rows={asked.data?.shop_refunds}
        keyOf={(refund) => refund.id}
        asked={asked}
        change={change}
        total={asked.data?.total}
        more={asked.data?.more}
        cursor={{ name: "before", at: query.before, next: asked.data?.next_before }}
        filtered={filtered}
        onClear={() => change({ store: null, step: null, order_number: null })}
        {...(may("orders.refund")
          ? {
              chosen: {
                keys: chosen.map(({ id }) => id),
                choose: (_: string[], rows: ShopRefund[]) => setChosen(rows),
              },
              bulk: <Bulk chosen={chosen} onDone={() => setChosen([])} />,
            }
          : {})}
        filters={
          <>
            <ChoiceOf
              of="store"
              label={t("list.store")}
              value={query.store}
              onChange={(store) => change({ store })}
            />
            <Choice
              label={t("refunds.step")}
              value={query.step}
              choices={useChoices("refund_step")}
              onChange={(step) => change({ step })}
            />
            <Typed
              label={t("refunds.order_number")}
              value={query.order_number}
              onChange={(order_number) => change({ order_number })}
            />
          </>
        }
        empty={<Empty title={t("refunds.empty")}>{t("refunds.empty_hint")}</Empty>}
      />
    </Page>
  );
}

/** Try those in trouble again, or say that there is nothing to book of them. */
function Bulk({ chosen, onDone }: { chosen: readonly ShopRefund[]; onDone: () => void }) {
  const { t } = useTranslation("stores");
  const refresh = useRefresh();
  const say = useSay();
  const [dismissing, setDismissing] = useState(false);
  const ids = chosen.filter(({ can }) => can.length > 0).map(({ id }) => id);
  if (ids.length === 0) return null;
  const tell = async (act: string, undone: number) => {
    await refresh("/v1/shop-refunds");
    onDone();
    say.done(
      t("orders.done", { act, count: ids.length - undone }),
      undone > 0 ? t("orders.undone", { count: undone }) : undefined,
    );
  };
  const tryAgain = async () => {
    const { data } = await http.POST("/v1/shop-refunds/try-again", { body: { ids } });
    await tell(t("orders.try_again"), ids.length - (data?.done ?? 0));
  };
  const dismiss = async ({ reason }: { reason: string }) => {
    const { data } = await http.POST("/v1/shop-refunds/dismiss", { body: { ids, reason } });
    setDismissing(false);
    await tell(t("refunds.dismiss"), ids.length - (data?.done ?? 0));
  };
  return (
    <Space wrap>
      <Act onClick={() => tryAgain().catch(say.failed)}>
        {t("orders.some", { act: t("orders.try_again"), count: ids.length })}
      </Act>
      <Button onClick={() => setDismissing(true)}>
        {t("orders.some", { act: t("refunds.dismiss"), count: ids.length })}
      </Button>
      <FormPanel<{ reason: string }>
        title={t("refunds.dismiss")}
        about={t("refunds.dismiss_about")}
        verb={t("orders.some", { act: t("refunds.dismiss"), count: ids.length })}
        open={dismissing}
        onClose={() => setDismissing(false)}
        send={dismiss}
      >
        <Form.Item name="reason" label={t("refunds.reason")} rules={[{ required: true, min: 2 }]}>
          <Input.TextArea maxLength={200} rows={2} />
        </Form.Item>
      </FormPanel>
    </Space>
  );
}

function useColumns(names: ReadonlyMap<string, string>): Column<ShopRefund>[] {
  const { t } = useTranslation("stores");
  return [
    {
      name: "number",
      title: t("refunds.number"),
      of: (refund) => <span className="code">{refund.number}</span>,
    },
    {
      name: "order_number",
      title: t("refunds.order_number"),
      of: ({ store, order_number }) => (
        <Link
          className="code"
          to={paths.shopOrders({ number: order_number, ...(store ? { store } : {}) })}
        >
          {order_number}
        </Link>
      ),
    },
    {
      name: "store",
      title: t("list.store"),
      of: ({ store }) => store && <Link to={paths.store(store)}>{names.get(store) ?? store}</Link>,
    },
    {
      name: "step",
      title: t("refunds.step"),
      of: (refund) => <Badge of="refund_step" value={refund.step} />,
    },
    {
      name: "said",
      title: t("orders.said"),
      of: (refund) => refund.said && <Word of="said" value={refund.said} />,
    },
    {
      name: "shop_state",
      title: t("refunds.shop_state"),
      of: (refund) => <Word of="shop_refund" value={refund.shop_state} />,
    },
    {
      name: "amount",
      title: t("refunds.amount"),
      figures: true,
      of: (refund) => <Money value={refund.amount} />,
    },
    {
      name: "changed",
      title: t("refunds.changed"),
      of: (refund) => <Time at={refund.changed_at} />,
    },
  ];
}
