import "@/theme/parts.css";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/me";
import { paths } from "@/paths";
import { Figure } from "@/ui/figure";
import { Count, Money } from "@/ui/money";
import { e4, formatCount, formatMoney } from "@/util/money";
import { formatChange, formatShare } from "@/util/share";
import { dayIn, formatExact } from "@/util/time";
import type { Cockpit, Sales } from "./data";

const AMOUNTS = ["orders", "units", "revenue", "profit"] as const;
type Amount = (typeof AMOUNTS)[number];

/** Today's figures up to now, each beside yesterday and last week up to the same hour. */
export function Today({
  cockpit,
  amounts = AMOUNTS,
  margin = true,
  places = 2,
}: {
  cockpit: Cockpit | undefined;
  amounts?: readonly Amount[];
  margin?: boolean;
  places?: 0 | 2;
}) {
  const { t } = useTranslation("cockpit");
  const { tenant } = useMe();
  const day = dayIn(tenant.timezone);
  const span = { from: day, to: day };
  const now = cockpit?.so_far;
  const rows = (name: Amount) =>
    name === "orders" ? paths.orders(span) : paths.profit({ by: "store", ...span });
  const known = amounts.filter((name) => now === undefined || now[name] !== null);
  return (
    <div className="figures-strip today" aria-busy={cockpit === undefined}>
      {known.map((name) => (
        <Figure
          key={name}
          name={t(`strip.${name}`)}
          value={<Told sales={now} name={name} currency={cockpit?.currency} places={places} />}
          note={cockpit && <Beside cockpit={cockpit} name={name} />}
          means={meaningOf(t, cockpit, name, tenant.timezone)}
          at={cockpit?.at}
          // Who sees no money sees no profit report either.
          to={name === "orders" || now?.revenue ? rows(name) : null}
        />
      ))}
      {margin && now?.revenue !== null && (
        <Figure
          name={t("strip.margin")}
          value={now?.margin ? formatShare(now.margin) : "—"}
          note={cockpit && (now?.margin ? <MarginBeside cockpit={cockpit} /> : t("strip.no_money"))}
          means={t("strip.margin_means")}
          at={cockpit?.at}
          to={paths.profit({ by: "sku", ...span })}
        />
      )}
    </div>
  );
}

function Told({
  sales,
  name,
  currency,
  places,
}: {
  sales: Sales | undefined;
  name: Amount;
  currency: string | undefined;
  places: 0 | 2;
}) {
  const value = sales?.[name];
  if (typeof value === "string") {
    return <Money value={value} places={places} {...(currency ? { currency } : {})} />;
  }
  return <Count value={value} />;
}

function written(value: number | string | null, currency: string): string {
  if (value === null) return "—";
  return typeof value === "string" ? formatMoney(value, currency) : formatCount(value);
}

function counted(value: number | string | null): bigint {
  return typeof value === "string" ? e4(value) : BigInt(value ?? 0);
}

/** How much more or less than on the other days by this time. */
function Beside({ cockpit, name }: { cockpit: Cockpit; name: Amount }) {
  const { t } = useTranslation("cockpit");
  const now = counted(cockpit.today[name]);
  return (
    <span className="beside">
      {(["yesterday", "week_ago"] as const).map((day) => (
        <span key={day}>
          {t(`strip.${day}`)}{" "}
          <span className="figures">
            {formatChange(now, counted(cockpit[day][name])) ?? t("strip.none")}
          </span>
        </span>
      ))}
    </span>
  );
}

function MarginBeside({ cockpit }: { cockpit: Cockpit }) {
  const { t } = useTranslation("cockpit");
  return (
    <span className="beside">
      {(["yesterday", "week_ago"] as const).map((day) => {
        const part = cockpit[day].margin;
        return (
          <span key={day}>
            {t(`strip.${day}`)}{" "}
            <span className="figures">{part ? formatShare(part) : t("strip.none")}</span>
          </span>
        );
      })}
    </span>
  );
}

function meaningOf(
  t: ReturnType<typeof useTranslation<"cockpit">>["t"],
  cockpit: Cockpit | undefined,
  name: Amount,
  zone: string,
): string {
  if (cockpit === undefined) return t(`strip.${name}_means`);
  const told = (sales: Sales) => written(sales[name], cockpit.currency);
  const compare = t("strip.compare", {
    until: formatExact(new Date(cockpit.counted_until), zone).slice(11, 16),
    today: told(cockpit.today),
    yesterday: told(cockpit.yesterday),
    week_ago: told(cockpit.week_ago),
  });
  return `${t(`strip.${name}_means`)} ${compare}`;
}
