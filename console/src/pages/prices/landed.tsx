import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { Money } from "@/ui/money";
import { Failed } from "@/ui/problem";
import { compareMoney, formatMoney } from "@/util/money";
import type { Ranked } from "./cell";
import { share } from "./reckon";

const PARTS = ["price", "fee", "rebate", "risk", "capital"] as const;
type How = Record<(typeof PARTS)[number], string[]>;

/** What one unit of ours costs at an offer, part by part, each with what it was reckoned from. */
export function LandedParts({ offer, quantity }: { offer: Ranked; quantity: number }) {
  const { t } = useTranslation("prices");
  const { how, asked } = useArithmetic(offer, quantity);
  const { landed } = offer;
  return (
    <section>
      <h2>{t("panel.parts")}</h2>
      <Failed of={asked} />
      {landed === null ? (
        <p className="soft">{t("panel.no_landed")}</p>
      ) : (
        <>
          <table className="sums price-parts">
            <tbody>
              {PARTS.map((part) => (
                <tr key={part}>
                  <th scope="row">{t(`panel.part.${part}`)}</th>
                  <td className="price-how">
                    {how[part].map((line) => (
                      <span key={line}>{line}</span>
                    ))}
                  </td>
                  <td>
                    {part === "rebate" && compareMoney(landed.rebate, "0") > 0 ? (
                      <span className="figures">−{formatMoney(landed.rebate)}</span>
                    ) : (
                      <Money value={landed[part]} />
                    )}
                  </td>
                </tr>
              ))}
              <tr className="sums-net">
                <th scope="row">{t("panel.part.total")}</th>
                <td />
                <td>
                  <Money value={landed.total} />
                </td>
              </tr>
            </tbody>
          </table>
          <p className="soft">{t("panel.parts_about", { count: quantity })}</p>
        </>
      )}
    </section>
  );
}

/** Each part's arithmetic in words: what docs/concepts/suppliers.md says, with this offer's numbers. */
function useArithmetic(offer: Ranked, quantity: number) {
  const { t } = useTranslation("prices");
  const may = useMay()("suppliers.read");
  const on = { enabled: may && offer.landed !== null };
  const path = { code: offer.supplier };
  const ofTerms = api.useQuery("get", "/v1/suppliers/{code}/terms", { params: { path } }, on);
  const ofRules = api.useQuery("get", "/v1/price-rules", {}, on);
  const ofSupplier = api.useQuery(
    "get",
    "/v1/supplier-overview",
    { params: { query: { supplier: offer.supplier } } },
    on,
  );
  const ofRates = api.useQuery("get", "/v1/exchange-rates", {}, on);
  const asked = [ofTerms, ofRules, ofSupplier, ofRates];
  const [terms, rules, found, rates] = [ofTerms.data, ofRules.data, ofSupplier.data, ofRates.data];
  const how: How = { price: [], fee: [], rebate: [], risk: [], capital: [] };
  if (!offer.landed || offer.price === null || !terms || !rules || !found || !rates) {
    return { how, asked };
  }
  const price = formatMoney(offer.landed.price);
  const rate = rates.find((each) => each.currency === offer.currency)?.rate;
  const theirs = formatMoney(offer.price, offer.currency);
  const inYuan = rate ? t("panel.how.price_rate", { price: theirs, rate }) : theirs;
  const each = isSome(terms.fee) && t("panel.how.of_each", { fee: perUnit(terms.fee) });
  const ofPrice = (ppm: number) => ppm > 0 && t("panel.how.of_price", { price, share: share(ppm) });
  const attempts = found.suppliers[0]?.attempts ?? 0;
  const known = t("panel.how.rate", { known: t("panel.how.known", { count: attempts }) });
  const failed = merged(
    attempts,
    1_000_000 - (offer.success_ppm ?? 1_000_000),
    rules.usual_failure_ppm,
  );
  const bad = merged(attempts, found.suppliers[0]?.invalid_ppm ?? 0, rules.usual_invalid_ppm);
  const days =
    terms.settlement === "prepaid"
      ? rules.stock_days + rules.prepaid_days
      : rules.stock_days - terms.settle_days;
  const failure = { rate: share(failed), cost: formatMoney(rules.failure_cost), quantity };
  const said: How = {
    price: [
      offer.units === 1
        ? rate
          ? inYuan
          : t("panel.how.price")
        : t("panel.how.price_units", { price: inYuan, units: offer.units }),
    ],
    fee: some(each, ofPrice(terms.fee_ppm)),
    rebate: some(ofPrice(terms.rebate_ppm)),
    risk: [
      quantity === 1 ? t("panel.how.failure", failure) : t("panel.how.failure_spread", failure),
      t("panel.how.invalid", { rate: share(bad), price, cost: formatMoney(rules.invalid_cost) }),
      known,
    ],
    capital: [
      t("panel.how.capital", { price, share: share(rules.capital_ppm), days }),
      terms.settlement === "prepaid"
        ? t("panel.how.days_prepaid", { prepaid: rules.prepaid_days, stock: rules.stock_days })
        : t("panel.how.days_payable", { settle: terms.settle_days, stock: rules.stock_days }),
    ],
  };
  return { how: said, asked };

  function perUnit(fee: string): string {
    return offer.units === 1 ? formatMoney(fee) : `${formatMoney(fee)} ÷ ${offer.units}`;
  }

  function some(...lines: (string | false)[]): string[] {
    const told = lines.filter((line) => line !== false);
    return told.length > 0 ? told : [t("panel.how.none")];
  }
}

/** A rate of so many orders together with 20 as usual, rounded for the eye. */
function merged(orders: number, known: number, usual: number): number {
  return Math.round((orders * known + 20 * usual) / (orders + 20));
}

function isSome(amount: string): boolean {
  return compareMoney(amount, "0") !== 0;
}
