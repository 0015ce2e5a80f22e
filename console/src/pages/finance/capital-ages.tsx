import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import type { Change } from "@/table/url";
import { Money } from "@/ui/money";
import { Part } from "@/ui/part";
import { e4, fromE4 } from "@/util/money";
import { formatShare } from "@/util/share";

type Total = components["schemas"]["SkuCapitalRow"];

const AGES = [
  ["fresh", "up_to_30_days"],
  ["month", "up_to_60_days"],
  ["months", "up_to_90_days"],
  ["older", "older"],
] as const;
const WHOLE = 10_000n; // parts

/** How old the stock is, at cost: a bar for each span, with its amount and share beside it. */
export function Ages({
  total,
  failed,
  at,
  onChoose,
}: {
  total: Total | undefined;
  failed: boolean;
  at: string | undefined;
  onChoose: Change;
}) {
  const { t } = useTranslation("capital");
  const whole = total ? e4(total.stock) : 0n;
  return (
    <Part title={t("ages.title")} means={t("ages.means")} at={at}>
      {total === undefined && !failed && <Skeleton active paragraph={{ rows: 3 }} title={false} />}
      {total && (
        <ul className="ages">
          {AGES.map(([name, key]) => {
            const part = whole > 0n ? (e4(total[key]) * WHOLE) / whole : 0n;
            const share = fromE4(part);
            return (
              <li key={name}>
                <button type="button" onClick={() => onChoose({ by: "sku", sort: `-${name}` })}>
                  {t(`columns.${name}`)}
                </button>
                <span className="ages-bar" aria-hidden="true">
                  <span style={{ width: `${Number(part) / 100}%` }} />
                </span>
                <Money value={total[key]} places={2} />
                <span className="figures soft">{formatShare(share)}</span>
              </li>
            );
          })}
        </ul>
      )}
    </Part>
  );
}
