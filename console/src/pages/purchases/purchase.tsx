import { Alert, Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api } from "@/api/client";
import { PurchaseChange } from "@/forms/purchase-change";
import { leadTo } from "@/leads";
import { paths } from "@/paths";
import { oneOf, text, useUrl } from "@/table/url";
import { useNames } from "@/things/sought";
import { Word } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Money } from "@/ui/money";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { Failed } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatCount } from "@/util/money";
import { PurchaseActs } from "./acts";
import { Arrived } from "./arrived";
import { AttemptForms, Attempts } from "./attempts";
import { State } from "./columns";
import { PurchaseMoney } from "./money";
import { Ranking } from "./ranking";
import { Story } from "./story";
import { useOrdersOfLines, type Whole } from "./things";

/** One purchase: what is wanted, why it was ordered there, what came, where its money is. */
export default function PurchasePage() {
  const { t } = useTranslation("purchases");
  const { id = "" } = useParams();
  const [{ show, attempt }, change] = useUrl(
    { show: oneOf("change", "bought", "not_bought", "refuse", "cancel"), attempt: text },
    { stays: ["show", "attempt"] },
  );
  const params = { path: { purchase_id: id } };
  const asked = api.useQuery("get", "/v1/purchases/{purchase_id}", { params });
  const orders = api.useQuery("get", "/v1/purchases/{purchase_id}/orders", { params });
  const whole = asked.data;
  const purchase = whole?.purchase;
  const close = () => change({ show: null, attempt: null });
  return (
    <Page
      title={
        purchase
          ? t("one.title", { sku: purchase.sku_name, quantity: formatCount(purchase.quantity) })
          : t("one.loading")
      }
      about={purchase && <State purchase={purchase} />}
      acts={
        purchase && (
          <PurchaseActs
            purchase={purchase}
            show={show}
            open={(what) => change({ show: what })}
            onClose={close}
          />
        )
      }
    >
      <Failed of={[asked, orders]} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {whole && purchase && (
        <div className="order">
          <div className="order-main">
            <Now whole={whole} />
            {whole.held && (
              <Part title={t("one.why_held")}>
                <Ranking choice={whole.held} />
              </Part>
            )}
            <Part title={t("one.attempts")}>
              <Attempts
                told={whole.attempts}
                shown={orders.data}
                open={(what, of) => change({ show: what, attempt: of })}
              />
            </Part>
            <Arrived whole={whole} />
            <Part title={t("one.story")}>
              <Story whole={whole} />
            </Part>
          </div>
          <div className="order-side">
            <Part title={t("one.facts")}>
              <About whole={whole} />
            </Part>
            <Part title={t("one.money")}>
              <PurchaseMoney whole={whole} />
            </Part>
          </div>
          <PurchaseChange purchase={purchase} open={show === "change"} onClose={close} />
          <AttemptForms
            attempt={orders.data?.find((each) => each.id === attempt)}
            show={show}
            onClose={close}
          />
        </div>
      )}
    </Page>
  );
}

/** What is the matter with it now, and what to do, where there is something to do. */
function Now({ whole }: { whole: Whole }) {
  const { t } = useTranslation("purchases");
  const navigate = useNavigate();
  const { purchase } = whole;
  if (purchase.unclear) {
    return (
      <Alert
        type="error"
        showIcon
        title={t("now.unclear")}
        description={t("now.unclear_about")}
        action={<Button onClick={() => navigate(paths.doubt())}>{t("doubt.title")}</Button>}
      />
    );
  }
  switch (purchase.state) {
    case "asked":
      return (
        <Alert
          type="warning"
          showIcon
          title={t(purchase.can.includes("approve") ? "now.asked_you" : "now.asked")}
          description={purchase.words}
        />
      );
    case "held":
      return <Alert type="warning" showIcon title={t("now.held")} description={purchase.words} />;
    case "draft":
      return <Alert type="info" showIcon title={t("now.draft")} description={purchase.words} />;
    case "ended":
    case "part":
    case "cancelled": {
      const title = t(`now.${purchase.state}`);
      const words = purchase.words === title ? undefined : purchase.words;
      return <Alert type="info" showIcon title={title} description={words} />;
    }
    default:
      return null;
  }
}

function About({ whole: { purchase, limits } }: { whole: Whole }) {
  const { t } = useTranslation("purchases");
  const order = useOrdersOfLines([purchase.subject_id]).get(purchase.subject_id ?? "");
  const sku = leadTo("sku", { id: "", code: purchase.sku });
  const places = useNames("warehouse", purchase.warehouse ? [purchase.warehouse] : []);
  const place = purchase.warehouse && (places.get(purchase.warehouse) ?? purchase.warehouse);
  const by = typeof limits.ceiling_by === "string" ? limits.ceiling_by : undefined;
  return (
    <Facts>
      <Fact name={t("list.sku")}>
        {sku ? <Link to={sku}>{purchase.sku_name}</Link> : purchase.sku_name}
      </Fact>
      <Fact name={t("one.here")}>
        {t("one.here_of", {
          received: formatCount(purchase.received),
          quantity: formatCount(purchase.quantity),
        })}
      </Fact>
      <Fact name={t("list.for_whom")}>
        {order ? (
          <Link to={paths.order(order.order_id)}>
            {t("list.for_order", { number: order.external_id })}
          </Link>
        ) : (
          <Word of="cause" value={purchase.cause} />
        )}
      </Fact>
      <Fact name={t("one.account")}>
        {purchase.account && <span className="code">{purchase.account}</span>}
      </Fact>
      <Fact name={t("list.store")}>{purchase.store_name}</Fact>
      <Fact name={t("list.customer")}>{purchase.customer_name}</Fact>
      <Fact name={t("one.only_from")}>{purchase.supplier && purchase.supplier_name}</Fact>
      <Fact name={t("list.warehouse")}>{place}</Fact>
      <Fact name={t("list.unit_cost_max")}>
        {purchase.unit_cost_max && (
          <>
            <Money value={purchase.unit_cost_max} currency={purchase.currency} />{" "}
            {by && (
              <span className="soft">{t(`ceiling.${by}` as never, { defaultValue: "" })}</span>
            )}
          </>
        )}
      </Fact>
      <Fact name={t("one.amount")}>
        {purchase.amount && <Money value={purchase.amount} currency={purchase.currency} />}
      </Fact>
      <Fact name={t("list.due")}>{purchase.due_at && <Time at={purchase.due_at} exact />}</Fact>
      <Fact name={t("list.who")}>
        {purchase.who === "system" ? t("story.system") : purchase.who}
      </Fact>
      <Fact name={t("list.created")}>
        <Time at={purchase.created_at} exact />
      </Fact>
      <Fact name={t("list.approved_by")}>{purchase.approved_by_name}</Fact>
      <Fact name={t("one.approved_at")}>
        {purchase.approved_at && <Time at={purchase.approved_at} exact />}
      </Fact>
      <Fact name={t("one.ended_at")}>
        {purchase.ended_at && <Time at={purchase.ended_at} exact />}
      </Fact>
    </Facts>
  );
}
