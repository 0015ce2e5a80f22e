import { keepPreviousData } from "@tanstack/react-query";
import { Button, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { paths } from "@/paths";
import { Money } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { formatMoney } from "@/util/money";
import { linkTo } from "./board";
import { Move, nameOf, type Ranked, Stock, said } from "./cell";
import { History } from "./history";
import { LandedParts } from "./landed";
import { Margins } from "./margins";
import { share } from "./reckon";
import { Sparkline } from "./sparkline";

const DAYS = 30;

/** One SKU: its offers, and of the one looked at why, what, how it moved, what it leaves. */
export function SkuPanel({
  code,
  offer,
  quantity,
  onClose,
}: {
  code: string | undefined;
  offer: string | undefined;
  quantity: number;
  onClose: () => void;
}) {
  const { t } = useTranslation("prices");
  const may = useMay();
  const query = { quantity, days: DAYS, ...(offer ? { offer } : {}) };
  const asked = api.useQuery(
    "get",
    "/v1/skus/{code}/offers",
    { params: { path: { code: code ?? "" }, query } },
    { enabled: code !== undefined, placeholderData: keepPreviousData },
  );
  const compared = asked.data?.sku === code ? asked.data : undefined;
  const chosen =
    compared?.offers.find((each) => each.offer_id === offer) ??
    compared?.offers.find((each) => each.offer_id === compared.margins_of) ??
    compared?.offers[0];
  const buying = { show: "new", ...(code ? { sku: code } : {}) };
  const of = chosen ? { offer: chosen.offer_id, quantity } : {};
  return (
    <Panel
      title={compared ? nameOf(compared) : (code ?? "")}
      open={code !== undefined}
      onClose={onClose}
      wide
      acts={
        compared &&
        may("purchases.write") && (
          <Link to={paths.purchases({ ...buying, ...of })}>
            <Button type="primary">{t("panel.buy")}</Button>
          </Link>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {compared === undefined && asked.isPending && <Skeleton active />}
      {compared && (
        <div className="price-panel">
          <Offers sku={compared.sku} offers={compared.offers} chosen={chosen?.offer_id} />
          {chosen && <Why offer={chosen} />}
          {chosen && <LandedParts offer={chosen} quantity={quantity} />}
          {chosen && <History offer={chosen.offer_id} currency={chosen.currency} />}
          <Margins compared={compared} of={chosen} />
        </div>
      )}
    </Panel>
  );
}

function Offers({
  sku,
  offers,
  chosen,
}: {
  sku: string;
  offers: readonly Ranked[];
  chosen: string | undefined;
}) {
  const { t } = useTranslation("prices");
  return (
    <section aria-label={t("panel.compared")}>
      <div className="scroll-x">
        <table className="price-offers">
          <thead>
            <tr>
              <th>{t("panel.supplier")}</th>
              <th className="end">{t("panel.landed")}</th>
              <th className="end">{t("panel.price")}</th>
              <th>{t("panel.stock")}</th>
              <th>{t("panel.told")}</th>
              <th className="end">{t("panel.success")}</th>
              <th>{t("panel.trend")}</th>
            </tr>
          </thead>
          <tbody>
            {offers.map((offer) => (
              <tr key={offer.offer_id} data-opened={offer.offer_id === chosen}>
                <td>
                  <Link
                    to={linkTo(sku, offer.offer_id)}
                    aria-current={offer.offer_id === chosen ? "true" : undefined}
                  >
                    {offer.supplier_name}
                  </Link>
                  {offer.rank === 1 && offer.buyable && (
                    <span className="price-best">{t("cell.best")}</span>
                  )}
                  <span className="price-note">{offer.title}</span>
                </td>
                <td className="end">
                  <Money value={offer.landed?.total} />
                </td>
                <td className="end">
                  {offer.price === null || offer.units === 1 ? (
                    <Money value={offer.price} currency={offer.currency} />
                  ) : (
                    <span className="figures">
                      {t("panel.price_of", {
                        price: formatMoney(offer.price, offer.currency),
                        units: offer.units,
                      })}
                    </span>
                  )}
                  <Move offer={offer} />
                </td>
                <td>
                  <Stock offer={offer} />
                </td>
                <td>
                  <Time at={offer.seen_at} />
                </td>
                <td className="end">
                  {offer.success_ppm === null ? (
                    <span className="soft">{t("panel.untried")}</span>
                  ) : (
                    <span className="figures">{share(offer.success_ppm)}</span>
                  )}
                </td>
                <td>
                  <Sparkline days={offer.trend ?? []} currency={offer.currency} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Why an offer stands where it does, and what keeps it from being bought by itself. */
function Why({ offer }: { offer: Ranked }) {
  const { t } = useTranslation("prices");
  return (
    <section>
      <h2>
        {offer.supplier_name} · {t("panel.why", { rank: offer.rank })}
      </h2>
      <ul className="plain-steps">
        {offer.reasons.map((reason) => (
          <li key={reason.code}>{said(reason)}</li>
        ))}
      </ul>
      {offer.why_not.length > 0 && (
        <p className="price-cannot">
          <strong>{t("panel.cannot")}</strong>
          {offer.why_not.map((why) => (
            <span key={why.code}>{said(why)}</span>
          ))}
        </p>
      )}
      <Link to={paths.offers({ show: offer.offer_id })}>{t("panel.offer_page")}</Link>
    </section>
  );
}
