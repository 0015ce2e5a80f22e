import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { Money } from "@/ui/money";
import { ProblemNote } from "@/ui/problem";
import { e4, fromE4 } from "@/util/money";

type Shown = components["schemas"]["MoneyShown"];
type Figures = Shown["figures"][number];
/** What it is called, how much, and what stands there where nobody knows. */
type Row = [string, string | null, string?];

/** The order's whole money: what came in, what it cost, what is left; each line of the journal. */
export function OrderMoney({ id, platform }: { id: string; platform: boolean }) {
  const asked = api.useQuery("get", "/v1/orders/{order_id}/money", {
    params: { path: { order_id: id } },
  });
  if (asked.error) return <ProblemNote error={asked.error} again={() => void asked.refetch()} />;
  if (asked.data === undefined) return <Skeleton active />;
  return (
    <>
      {asked.data.figures.map((figures) => (
        <Sums key={figures.currency} figures={figures} shown={asked.data} platform={platform} />
      ))}
      <Lots shown={asked.data} />
      <Journal shown={asked.data} />
    </>
  );
}

function Sums({ figures, shown, platform }: { figures: Figures; shown: Shown; platform: boolean }) {
  const { t } = useTranslation("orders");
  const { currency } = figures;
  const less = (value: string) => fromE4(-e4(value));
  const fees = shown.fees_known || e4(figures.fees) !== 0n;
  const rows: Row[] = [
    [t("money.sold"), figures.sold],
    [t("money.back"), less(figures.back)],
    [t("money.cost"), less(figures.cost)],
    ...(platform || fees
      ? [[t("money.fees"), fees ? less(figures.fees) : null, t("money.fees_unknown")] as Row]
      : []),
    [t("money.losses"), less(figures.losses)],
  ];
  return (
    <table className="sums">
      <tbody>
        <tr>
          <th scope="row">{t("money.paid")}</th>
          <td>
            <Money value={shown.paid} currency={shown.currency} />
          </td>
        </tr>
        {platform && (
          <tr>
            <th scope="row">{t("money.coupon")}</th>
            <td>
              {shown.coupon ? (
                <Money value={shown.coupon} currency={shown.currency} />
              ) : (
                <span className="soft">{t("money.unknown")}</span>
              )}
            </td>
          </tr>
        )}
        {e4(shown.waiting) !== 0n && (
          <tr>
            <th scope="row">{t("money.waiting")}</th>
            <td>
              <Money value={shown.waiting} currency={shown.currency} />
            </td>
          </tr>
        )}
        {rows.map(([name, value, otherwise], place) => (
          <tr key={name} className={place === 0 ? "sums-first" : undefined}>
            <th scope="row">{name}</th>
            <td>
              {value === null ? (
                <span className="soft">{otherwise}</span>
              ) : (
                <Money value={value} currency={currency} />
              )}
            </td>
          </tr>
        ))}
        <tr className="sums-net">
          <th scope="row">{t("money.net")}</th>
          <td data-testid="net">
            <Money value={figures.net} currency={currency} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Lots({ shown }: { shown: Shown }) {
  const { t } = useTranslation("orders");
  if (shown.lots.length === 0) return null;
  return (
    <>
      <h3>{t("money.lots")}</h3>
      {shown.lots.map((lot) => (
        <div key={`${lot.line} ${lot.lot_id}`} className="line">
          <span className="line-main">
            {lot.supplier} <span className="soft">{lot.warehouse}</span>
            {lot.released > 0 && (
              <div className="soft">{t("money.lot_back", { count: lot.released })}</div>
            )}
          </span>
          <span className="figures">
            {lot.count} × <Money value={lot.unit_cost} currency={lot.currency} />
          </span>
        </div>
      ))}
    </>
  );
}

function Journal({ shown }: { shown: Shown }) {
  const { t } = useTranslation("orders");
  if (shown.lines.length === 0) return null;
  return (
    <details>
      <summary>{t("money.journal")}</summary>
      <table className="sums">
        <tbody>
          {shown.lines.map((line) => (
            <tr key={line.transfer_id} data-transfer={line.transfer_id}>
              <th scope="row">
                {t(`reasons.${line.reason}` as never, { defaultValue: line.reason })}{" "}
                <span className="soft figures">
                  {line.posted_on} {line.supplier}
                </span>
              </th>
              <td>
                <Money value={line.effect} currency={line.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">{t("money.adds_up")}</p>
    </details>
  );
}
