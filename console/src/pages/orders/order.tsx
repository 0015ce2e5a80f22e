import { Alert, Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import { useRefresh } from "@/api/refresh";
import { useConfirm } from "@/forms/form";
import { OrderRefund, refreshOrder } from "@/forms/order-refund";
import { OrderReveal } from "@/forms/order-reveal";
import { paths } from "@/paths";
import { oneOf, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote, useSay } from "@/ui/problem";
import { Time } from "@/ui/time";
import { e4, formatMoney } from "@/util/money";
import { refreshApprovals } from "./approval-panel";
import { Cards } from "./cards";
import { HowTo } from "./how-to";
import { Lines } from "./lines";
import type { Order } from "./list";
import { OrderMoney } from "./money";
import { Notes } from "./notes";
import { Story } from "./story";

/** One order: what happened to it, what it is of, and its whole money beside it. */
export default function OrderPage() {
  const { t } = useTranslation("orders");
  const { id = "" } = useParams();
  const may = useMay();
  const [{ show }, change] = useUrl({ show: oneOf("refund", "reveal") });
  const asked = api.useQuery("get", "/v1/orders/{order_id}", {
    params: { path: { order_id: id } },
  });
  const order = asked.data;
  const close = () => change({ show: null });
  return (
    <Page
      title={t("order.title", { number: order?.external_id ?? "" })}
      about={order && <Badge of="order" value={order.state} />}
      acts={order && <Acts order={order} open={(what) => change({ show: what })} />}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      <Waiting id={id} />
      {order && (
        <div className="order">
          <div className="order-main">
            <Part title={t("order.lines")}>
              <Lines order={order} />
            </Part>
            <Part title={t("order.story")}>
              <Story id={id} order={order} />
            </Part>
            {may("stock.read") && <Cards order={order} />}
            {may("catalog.read") && <HowTo order={order} />}
          </div>
          <div className="order-side">
            <Part title={t("order.facts")}>
              <About order={order} />
            </Part>
            {may("ledger.read") && (
              <Part title={t("order.money")}>
                <OrderMoney id={id} platform={order.source === "platform"} />
              </Part>
            )}
            <Part title={t("order.notes")}>
              <Notes id={id} />
            </Part>
          </div>
          <OrderRefund order={order} open={show === "refund"} onClose={close} />
          <OrderReveal order={order} open={show === "reveal"} onClose={close} />
        </div>
      )}
    </Page>
  );
}

/** What of it is to go back, and waits for somebody's approval. */
function Waiting({ id }: { id: string }) {
  const { t } = useTranslation("approvals");
  const may = useMay();
  const asked = api.useQuery(
    "get",
    "/v1/approvals",
    { params: { query: { order_id: id, state: "asked" } } },
    { enabled: may("stock.read") },
  );
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  return asked.data?.approvals.map((row) => (
    <Alert
      key={row.id}
      type="warning"
      showIcon
      style={{ marginBottom: 12 }}
      title={t("waits_here", { amount: formatMoney(row.amount) })}
      action={<Link to={paths.approvals({ show: row.id })}>{t("see")}</Link>}
    />
  ));
}

function Acts({ order, open }: { order: Order; open: (what: "refund" | "reveal") => void }) {
  const { t } = useTranslation("orders");
  const { t: shell } = useTranslation("shell");
  const { t: waits } = useTranslation("approvals");
  const may = useMay();
  const refresh = useRefresh();
  const confirm = useConfirm();
  const navigate = useNavigate();
  const say = useSay();
  const cancel = () =>
    confirm({
      title: t("order.cancel_ask", { number: order.external_id }),
      about: t("order.cancel_about"),
      verb: t("order.cancel"),
      danger: true,
      send: async () => {
        const params = { path: { order_id: order.order_id } };
        const { data } = await http.POST("/v1/orders/{order_id}/cancel", { params });
        if (data && "approval_id" in data) {
          await refreshApprovals(refresh);
          say.done(waits("waits"), waits("waits_refund"));
          return;
        }
        await refreshOrder(refresh);
        const amount = formatMoney(data?.amount ?? "0", order.currency);
        // Its last card may have been given while somebody read the question.
        const none = e4(data?.amount ?? "0") === 0n && e4(order.total) > 0n;
        say.done(t(none ? "order.cancel_done_none" : "order.cancel_done_all", { amount }));
      },
    });
  return (
    <>
      <Button onClick={() => navigate(paths.orders())}>{shell("do.back")}</Button>
      {may("stock.reveal") && (
        <Act
          can={order.can}
          does="reveal"
          why={t("order.reveal_why")}
          onClick={() => open("reveal")}
        >
          {t("order.reveal")}
        </Act>
      )}
      {may("orders.refund") && (
        <Act
          can={order.can}
          does="refund"
          why={t("order.refund_why")}
          onClick={() => open("refund")}
        >
          {t("order.refund")}
        </Act>
      )}
      {may("orders.refund") && (
        <Act can={order.can} does="cancel" why={t("order.cancel_why")} danger onClick={cancel}>
          {t("order.cancel")}
        </Act>
      )}
    </>
  );
}

function About({ order }: { order: Order }) {
  const { t } = useTranslation("orders");
  return (
    <Facts>
      <Fact name={t("list.total")}>
        <Money value={order.total} currency={order.currency} />
      </Fact>
      <Fact name={t("list.source")}>
        <Word of="source" value={order.source} />
      </Fact>
      <Fact name={t("list.store")}>{order.store_name}</Fact>
      <Fact name={t("list.customer")}>{order.customer_name}</Fact>
      <Fact name={t("list.buyer")}>{order.buyer}</Fact>
      <Fact name={t("list.paid")}>{order.paid_at && <Time at={order.paid_at} exact />}</Fact>
      <Fact name={t("list.accepted")}>
        <Time at={order.accepted_at} exact />
      </Fact>
    </Facts>
  );
}
