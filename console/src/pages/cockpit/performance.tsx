import { keepPreviousData } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import type { components } from "@/api/schema";
import { addDays } from "@/pages/finance/spans";
import { paths } from "@/paths";
import { Empty } from "@/ui/empty";
import { Money } from "@/ui/money";
import { Chosen, Part } from "@/ui/part";
import { Failed } from "@/ui/problem";
import { compareMoney } from "@/util/money";
import { formatPpm, formatShare } from "@/util/share";
import { dayIn } from "@/util/time";

type Sheet = components["schemas"]["ProfitSheet"];
type Row = components["schemas"]["ProfitRowShape"];
export const OF = ["store", "supplier", "sku"] as const;
export type Of = (typeof OF)[number];

const DAYS = 7;
const MOST = 8;
const EVERY_MS = 300_000;

/** How stores, suppliers and SKUs did lately, as the profit report has it. */
export function Performance({ of, onChange }: { of: Of; onChange: (of: Of) => void }) {
  const { t } = useTranslation("cockpit");
  const may = useMay();
  const today = dayIn(useMe().tenant.timezone);
  const span = { from: addDays(today, 1 - DAYS), to: today };
  const asked = api.useQuery(
    "get",
    "/v1/reports/profit",
    { params: { query: { by: of, ...span } } },
    { placeholderData: keepPreviousData, refetchInterval: EVERY_MS },
  );
  const judged = of === "supplier" && may("suppliers.read");
  const quality = api.useQuery("get", "/v1/quality", {}, { enabled: judged });
  const sheet = asked.data as Sheet | undefined; // asked as JSON: it comes as a file otherwise
  const rows = sheet?.by[0] === of ? sheet.rows : [];
  const best = rows.toSorted((one, other) => compareMoney(other.revenue, one.revenue));
  const means = [t("performance.means")];
  if (judged) means.push(t("performance.success_means"), t("performance.invalid_means"));
  return (
    <Part
      title={t("performance.title")}
      means={means.join(" ")}
      at={asked.dataUpdatedAt}
      acts={
        <Chosen
          label={t("performance.by")}
          value={of}
          choices={OF.map((value) => ({ value, label: t(`performance.${value}`) }))}
          onChange={onChange}
        />
      }
    >
      <Failed of={[asked, quality]} />
      {asked.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
      {sheet?.rows.length === 0 && <Empty title={t("performance.none")} />}
      {best.length > 0 && (
        <div className="plain-scroll">
          <table className="plain">
            <Heads judged={judged} />
            <tbody>
              {best.slice(0, MOST).map((row) => (
                <tr key={`${row[of]?.code} ${row.currency}`}>
                  <th scope="row">
                    <Name row={row} of={of} span={span} />
                  </th>
                  <td className="figures">
                    <Money value={row.revenue} currency={row.currency} places={2} />
                  </td>
                  <td className="figures">
                    <Money value={row.profit} currency={row.currency} places={2} />
                  </td>
                  <td className="figures">{row.margin ? formatShare(row.margin) : "—"}</td>
                  {judged && (
                    <Judged
                      of={quality.data?.suppliers.find((each) => each.supplier === row[of]?.code)}
                    />
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {best.length > MOST && (
        <Link to={paths.profit({ by: of, ...span })}>
          {t("performance.more", { count: best.length })}
        </Link>
      )}
    </Part>
  );
}

function Heads({ judged }: { judged: boolean }) {
  const { t } = useTranslation("cockpit");
  return (
    <thead>
      <tr>
        <th scope="col">{t("performance.name")}</th>
        {(["revenue", "profit", "margin"] as const).map((name) => (
          <th key={name} scope="col" className="figures">
            {t(`performance.${name}`)}
          </th>
        ))}
        {judged &&
          (["success", "invalid"] as const).map((name) => (
            <th key={name} scope="col" className="figures wide-only-cell">
              {t(`performance.${name}`)}
            </th>
          ))}
      </tr>
    </thead>
  );
}

function Name({ row, of, span }: { row: Row; of: Of; span: { from: string; to: string } }) {
  const { t } = useTranslation("cockpit");
  const named = row[of];
  if (!named) return <span className="soft">{t("performance.unnamed")}</span>;
  const by = of === "sku" ? "store" : "sku";
  return <Link to={paths.profit({ by, ...span, [of]: named.code })}>{named.name}</Link>;
}

function Judged({ of }: { of: components["schemas"]["QualityShown"] | undefined }) {
  return (
    <>
      <td className="figures wide-only-cell">{of ? formatPpm(of.success_ppm) : "—"}</td>
      <td className="figures wide-only-cell">{of ? formatPpm(of.invalid_ppm) : "—"}</td>
    </>
  );
}
