import { useTranslation } from "react-i18next";
import { useMay } from "@/api/me";
import { NextCards } from "@/pages/stock/preview";
import type { Change } from "@/table/url";
import { ChoiceOf } from "@/things/chooser";
import { Part } from "@/ui/part";

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
    <Part title={t("preview.title")}>
      <div className="stack">
        <p className="soft">{t("preview.about")}</p>
        <div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
          <ChoiceOf
            of="sku"
            stocked
            label={t("preview.sku")}
            value={sku}
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
    </Part>
  );
}

function Stores({ store, change }: { store: string | undefined; change: Change }) {
  const { t } = useTranslation("strategies");
  return (
    <ChoiceOf
      of="store"
      label={t("preview.store")}
      value={store}
      onChange={(chosen) => change({ store: chosen })}
      width={160}
    />
  );
}
