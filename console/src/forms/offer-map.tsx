import { App, Button, Form, InputNumber, Space } from "antd";
import { useTranslation } from "react-i18next";
import { api, http } from "@/api/client";
import { Problem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { components } from "@/api/schema";
import type { Offer } from "@/pages/offers/columns";
import { Chooser } from "@/things/chooser";
import { Failed, useSay } from "@/ui/problem";
import { language } from "@/words";
import { FormPanel } from "./form";

type Outcome = components["schemas"]["MappedShown"];

export const READ_ANEW = [
  "/v1/offers",
  "/v1/offers/{offer_id}",
  "/v1/offers/suggestions",
  "/v1/prices",
  "/v1/skus/{code}/offers",
  "/v1/supplier-overview",
] as const;
const DOUBTFUL: readonly string[] = ["brand", "period", "price"];
const DONE: readonly string[] = ["mapped", "unmapped", "same"];

interface Mapping {
  offer_id: string;
  sku: string | null;
  units: number;
}

/**
 * Map offers, and where their words contradict the SKU ask whether that is right: who looked may
 * say so. Returns those that aren't mapped in the end.
 */
export function useMapping(): (wanted: readonly Mapping[]) => Promise<Outcome[]> {
  const { t } = useTranslation("offers");
  const { modal } = App.useApp();
  const refresh = useRefresh();
  return async (wanted) => {
    const send = async (mappings: readonly Mapping[], despite: boolean) => {
      const body = { mappings: [...mappings], despite };
      const { data } = await http.POST("/v1/offers/map", { body });
      return data ?? [];
    };
    const first = await send(wanted, false);
    const doubtful = first.filter(({ outcome }) => DOUBTFUL.includes(outcome));
    let left = first.filter(({ outcome }) => !DONE.includes(outcome));
    if (doubtful.length > 0) {
      const said = new Set(doubtful.map(({ outcome }) => t(`map.outcome.${outcome}`)));
      const right = await modal.confirm({
        title: t("map.doubt"),
        content: (
          <ul className="plain-steps">
            {[...said].map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        ),
        okText: t("map.despite"),
        cancelText: t("map.check"),
        focusable: { autoFocusButton: "cancel" },
      });
      if (right) {
        const ids = new Set(doubtful.map((each) => each.offer_id));
        const again = await send(
          wanted.filter(({ offer_id }) => ids.has(offer_id)),
          true,
        );
        left = [
          ...left.filter(({ offer_id }) => !ids.has(offer_id)),
          ...again.filter(({ outcome }) => !DONE.includes(outcome)),
        ];
      }
    }
    await refresh(...READ_ANEW);
    return left;
  };
}

/** Say which SKU one offer stands for, or several at once. */
export function OfferMap({
  offers,
  onClose,
  onDone,
}: {
  offers: readonly Offer[] | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation("offers");
  const say = useSay();
  const map = useMapping();
  const [one] = offers ?? [];
  const count = offers?.length ?? 0;
  const send = async ({ sku, units }: { sku: string; units: number }) => {
    const left = await map((offers ?? []).map(({ id }) => ({ offer_id: id, sku, units })));
    if (left.length > 0) {
      const said = [...new Set(left.map(({ outcome }) => t(`map.outcome.${outcome}`)))];
      const told = { title: t("bulk.some", { count: left.length }), detail: said.join(" · ") };
      throw new Problem({ type: "about:blank", status: 0, code: "not_mapped", ...told });
    }
    say.done(t("map.done_many", { count }));
    onDone();
  };
  return (
    <FormPanel<{ sku: string; units: number }>
      key={offers?.map(({ id }) => id).join() ?? ""}
      title={count === 1 && one ? t("map.one", { title: one.title }) : t("map.title", { count })}
      about={t("map.about")}
      verb={t("map.verb")}
      open={offers !== null}
      onClose={onClose}
      initial={count === 1 && one?.sku ? { sku: one.sku, units: one.units } : { units: 1 }}
      send={send}
    >
      <Form.Item
        name="sku"
        label={t("map.sku")}
        rules={[{ required: true, message: t("map.sku_wanted") }]}
      >
        <Chooser of="sku" active />
      </Form.Item>
      {count === 1 && one?.sku === null && <Likely offer={one} />}
      <Form.Item name="units" label={t("map.units")} extra={t("map.units_hint")}>
        <InputNumber min={1} max={100_000} precision={0} />
      </Form.Item>
    </FormPanel>
  );
}

/** SKUs that its title may mean: a click fills one in. */
function Likely({ offer }: { offer: Offer }) {
  const { t } = useTranslation("offers");
  const form = Form.useFormInstance();
  const query = { supplier: offer.supplier, limit: 500 };
  const asked = api.useQuery("get", "/v1/offers/suggestions", { params: { query } });
  const likely = asked.data?.find((each) => each.offer.id === offer.id)?.skus ?? [];
  if (asked.error) return <Failed of={[asked]} />;
  if (likely.length === 0) return null;
  return (
    <Space wrap style={{ marginBottom: 16 }}>
      <span className="soft">{t("map.likely")}</span>
      {likely.map(({ sku, name_zh, name_en }) => (
        <Button key={sku} size="small" onClick={() => form.setFieldValue("sku", sku)}>
          {language() === "zh" ? name_zh : name_en}
        </Button>
      ))}
    </Space>
  );
}
