import { Alert, Checkbox, Form, Input, InputNumber } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, http } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { useRefreshPurchases } from "@/pages/purchases/things";
import { paths } from "@/paths";
import { Chooser } from "@/things/chooser";
import { Money } from "@/ui/money";
import { Failed, useSay } from "@/ui/problem";
import { e4, formatMoney } from "@/util/money";
import { language } from "@/words";
import { FormPanel } from "./form";
import { useWhole } from "./whole";

type Offer = components["schemas"]["OfferShown"];
type Body = components["schemas"]["NewPurchase"];

interface Values {
  sku: string;
  quantity: number;
  warehouse?: string;
  supplier?: string;
  unit_cost_max?: string;
  hours?: number | null;
  draft?: boolean;
}

const HOUR_MS = 3_600_000;
export const PRICE = /^\s*\d{1,8}(\.\d{1,4})?\s*$/;

/** Want something for stock. What is unusual the server asks about; sent twice it is one purchase. */
export function PurchaseNew({
  open,
  sku,
  quantity,
  offer,
  onClose,
}: {
  open: boolean;
  sku: string | undefined;
  quantity: number | undefined;
  offer: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation("purchases");
  const of = api.useQuery(
    "get",
    "/v1/offers/{offer_id}",
    { params: { path: { offer_id: offer ?? "" } } },
    { enabled: open && offer !== undefined, retry: false },
  );
  const refresh = useRefreshPurchases();
  const navigate = useNavigate();
  const say = useSay();
  const sent = useRef({ body: "", key: "" });
  const [draft, setDraft] = useState(false);
  const close = () => {
    setDraft(false);
    onClose();
  };
  const send = async ({ hours, unit_cost_max, ...values }: Values, sure: boolean) => {
    const due_at = hours ? new Date(Date.now() + hours * HOUR_MS).toISOString() : null;
    const body: Body = {
      ...values,
      draft: values.draft ?? false,
      unit_cost_max: unit_cost_max?.trim() || null,
      due_at,
      confirm: sure,
    };
    const written = JSON.stringify({ ...body, due_at: hours });
    // The same request again, after an answer that was lost, is the same purchase.
    if (sent.current.body !== written) sent.current = { body: written, key: crypto.randomUUID() };
    const { data } = await http.POST("/v1/purchases", {
      params: { header: { "Idempotency-Key": sent.current.key } },
      body,
    });
    await refresh();
    close();
    if (data === undefined) return;
    const told = data.state === "asked" ? "asked" : data.state === "draft" ? "draft" : "wanted";
    say.done(t(`new.done.${told}`, { sku: data.sku_name, count: data.quantity }), data.words);
    navigate(paths.purchase(data.id));
  };
  const waits = offer !== undefined && of.isPending;
  return (
    <FormPanel<Values>
      title={t("new.title")}
      about={t("new.about")}
      verb={t(draft ? "new.verb_draft" : "new.verb")}
      open={open && !waits}
      onClose={close}
      initial={initialOf(sku, quantity, of.data)}
      send={send}
    >
      <Failed of={[of]} />
      <Fields offer={of.data} onDraft={setDraft} />
    </FormPanel>
  );
}

function initialOf(
  sku: string | undefined,
  quantity: number | undefined,
  offer: Offer | undefined,
): Partial<Values> {
  const wanted = sku ?? offer?.sku ?? undefined;
  return {
    quantity: quantity ?? 1,
    ...(wanted ? { sku: wanted } : {}),
    ...(offer ? { supplier: offer.supplier } : {}),
  };
}

function Fields({
  offer,
  onDraft,
}: {
  offer: Offer | undefined;
  onDraft: (draft: boolean) => void;
}) {
  const { t } = useTranslation("purchases");
  const { t: shell } = useTranslation("shell");
  const whole = useWhole();
  const required = [{ required: true, message: shell("form.required") }];
  const sku = Form.useWatch<string | undefined>("sku");
  const quantity = Form.useWatch<number | undefined>("quantity");
  return (
    <>
      <Form.Item name="sku" label={t("new.sku")} rules={required}>
        <Chooser of="sku" />
      </Form.Item>
      {offer && sku && <SameThing offer={offer} sku={sku} />}
      <Form.Item
        name="quantity"
        label={t("new.quantity")}
        rules={[...required, ...whole(1, 10_000)]}
      >
        <InputNumber precision={0} style={{ width: 160 }} />
      </Form.Item>
      {sku && <Offered sku={sku} quantity={quantity ?? 1} />}
      <Form.Item name="warehouse" label={t("new.warehouse")} extra={t("new.warehouse_hint")}>
        <Chooser of="warehouse" allowClear />
      </Form.Item>
      <Form.Item name="supplier" label={t("new.supplier")} extra={t("new.supplier_hint")}>
        <Chooser of="supplier" allowClear />
      </Form.Item>
      <Form.Item
        name="unit_cost_max"
        label={t("new.unit_cost_max")}
        extra={t("new.unit_cost_max_hint")}
        rules={[{ pattern: PRICE, message: t("new.price_rule") }]}
      >
        <Input inputMode="decimal" autoComplete="off" prefix="¥" style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="hours" label={t("new.hours")} extra={t("new.hours_hint")}>
        <InputNumber min={1} max={720} precision={0} style={{ width: 160 }} />
      </Form.Item>
      <Form.Item name="draft" valuePropName="checked">
        <Checkbox onChange={({ target }) => onDraft(target.checked)}>{t("new.draft")}</Checkbox>
      </Form.Item>
    </>
  );
}

/** Whether what the supplier calls so is what we call so: names and face values side by side. */
function SameThing({ offer, sku }: { offer: Offer; sku: string }) {
  const { t } = useTranslation("purchases");
  const asked = api.useQuery("get", "/v1/skus/{code}", { params: { path: { code: sku } } });
  const ours = asked.data;
  if (!ours) return <Failed of={[asked]} />;
  const name = language() === "zh" ? ours.name_zh : ours.name_en;
  const elsewhere = offer.sku !== sku;
  const differs =
    offer.face_value !== null &&
    e4(offer.face_value) !== e4(ours.face_value) * BigInt(offer.units) &&
    offer.currency === ours.currency;
  const unlike = elsewhere ? t("same.elsewhere") : differs ? t("same.differs") : undefined;
  return (
    <Alert
      type={unlike ? "warning" : "info"}
      showIcon
      style={{ marginBottom: 16 }}
      title={unlike ?? t("same.title")}
      description={
        <>
          <div>
            {t("same.theirs", { supplier: offer.supplier_name, title: offer.title })}{" "}
            {offer.face_value && (
              <span className="figures">
                {t("same.face", { amount: formatMoney(offer.face_value, offer.currency) })}
              </span>
            )}
          </div>
          <div>
            {t("same.ours", { name })}{" "}
            <span className="figures">
              {t("same.face", { amount: formatMoney(ours.face_value, ours.currency) })}
            </span>
            {offer.units > 1 && ` × ${offer.units}`}
          </div>
        </>
      }
    />
  );
}

/** Who sells it now, and what one costs all told. */
function Offered({ sku, quantity }: { sku: string; quantity: number }) {
  const { t } = useTranslation("purchases");
  const may = useMay();
  const asked = api.useQuery(
    "get",
    "/v1/prices",
    { params: { query: { sku: [sku], quantity, best: 3 } } },
    { enabled: may("suppliers.read") },
  );
  const found = asked.data?.skus[0]?.offers;
  if (found === undefined) return <Failed of={[asked]} />;
  const why = (told: { zh: string; en: string }[]) =>
    told.map((each) => (language() === "zh" ? each.zh : each.en)).join(t("stop"));
  return (
    <div className="purchase-offered">
      <span className="soft">{t("new.offered")}</span>
      {found.length === 0 && <div>{t("new.nobody")}</div>}
      {found.map((each) => (
        <div key={each.offer_id} className="purchase-offer">
          <span>{each.supplier_name}</span>
          <Money value={each.landed?.total} />
          <span className="soft">{each.buyable ? t("new.buyable") : why(each.why_not)}</span>
        </div>
      ))}
    </div>
  );
}
