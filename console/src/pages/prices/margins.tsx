import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Money } from "@/ui/money";
import type { Ranked } from "./cell";

/** What one of each listing leaves at an offer's cost, the least first. */
export function Margins({
  compared,
  of,
}: {
  compared: components["schemas"]["SkuCompared"];
  of: Ranked | undefined;
}) {
  const { t } = useTranslation("prices");
  const { margins, loss_count } = compared;
  return (
    <section>
      <h2>{t("panel.margins")}</h2>
      <p className="soft">
        {compared.margins_of === null || of === undefined
          ? t("panel.margins_none_buyable")
          : t("panel.margins_about", { name: of.supplier_name })}{" "}
        {loss_count > 0 && (
          <strong className="alarm">{t("panel.losses", { count: loss_count })}</strong>
        )}
      </p>
      {margins.length === 0 ? (
        <p className="soft">{t("panel.no_margins")}</p>
      ) : (
        <div className="scroll-x">
          <table className="price-offers">
            <thead>
              <tr>
                <th>{t("panel.listing")}</th>
                <th>{t("panel.store")}</th>
                <th className="end">{t("panel.sells_at")}</th>
                <th className="end">{t("panel.cost")}</th>
                <th className="end">{t("panel.margin")}</th>
              </tr>
            </thead>
            <tbody>
              {margins.map((each) => (
                <tr key={each.listing_id}>
                  <td>{each.title}</td>
                  <td>{each.store}</td>
                  <td className="end">
                    <Money value={each.price} />
                  </td>
                  <td className="end">
                    <Money value={each.cost} />
                  </td>
                  <td className="end">
                    <Money value={each.margin} />
                    {each.loss && <span className="alarm"> {t("panel.loss")}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
