import { formatCount, formatMoney, isNegative, roundMoney } from "@/util/money";

/** An amount as the server wrote it: never computed with, only shown. */
export function Money({
  value,
  currency,
  alarm,
  places,
}: {
  value: string | null | undefined;
  currency?: string;
  /** Less than nothing is wrong here, and is drawn so; else a minus says enough. */
  alarm?: boolean;
  /** As far as the eye needs it, of a sum that nobody books; the exact one is in its title. */
  places?: 0 | 2 | undefined;
}) {
  if (value === null || value === undefined) return <span className="soft">—</span>;
  const exact = formatMoney(value, currency);
  const told = places === undefined ? exact : written(roundMoney(value, places), currency, places);
  return (
    <span
      className={alarm && isNegative(value) ? "figures alarm" : "figures"}
      {...(told === exact ? {} : { title: exact })}
    >
      {told}
    </span>
  );
}

function written(rounded: string, currency: string | undefined, places: 0 | 2): string {
  const told = formatMoney(rounded, currency);
  return places === 0 ? told.replace(/\.00$/, "") : told;
}

/** A number of things. */
export function Count({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <span className="soft">—</span>;
  return <span className="figures">{formatCount(value)}</span>;
}
