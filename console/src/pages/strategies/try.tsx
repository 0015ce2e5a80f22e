import { useTranslation } from "react-i18next";
import { useMay } from "@/api/me";
import { useThings } from "@/pages/orders/filters";
import { NextCards } from "@/pages/stock/preview";
import { useStockedSkus } from "@/pages/stock/things";
import { Choice } from "@/table/filters";
import type { Change } from "@/table/url";
import { Section } from "@/ui/section";

/** What would be given next of a SKU, to a store's orders: by the strategy in force. */
export function Try({
  sku,
  store,
  change,
}: {
  sku: string | undefined;
  store: string | undefined;
  change: Change;
}) {
  const { t } = useTranslation("strategies");
  const may = useMay();
  return (
    <Section title={t("preview.title")}>
      <div className="stack">
        <p className="soft">{t("preview.about")}</p>
        <div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
          <Choice
            label={t("preview.sku")}
            value={sku}
            choices={useStockedSkus("code")}
            onChange={(chosen) => change({ sku: chosen })}
            width={200}
          />
          {may("orders.read") && <Stores store={store} change={change} />}
        </div>
        {sku === undefined ? (
          <p className="soft">{t("preview.choose")}</p>
        ) : (
          <NextCards asked={{ sku, count: 10, ...(store ? { store } : {}) }} />
        )}
      </div>
    </Section>
  );
}

function Stores({ store, change }: { store: string | undefined; change: Change }) {
  const { t } = useTranslation("strategies");
  const { stores } = useThings();
  return (
    <Choice
      label={t("preview.store")}
      value={store}
      choices={stores}
      onChange={(chosen) => change({ store: chosen })}
      width={160}
    />
  );
}
