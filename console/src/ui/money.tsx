import { formatCount, formatMoney, isNegative } from "@/util/money";

/** An amount as the server wrote it: never computed with, only shown. */
export function Money({
  value,
  currency,
}: {
  value: string | null | undefined;
  currency?: string;
}) {
  if (value === null || value === undefined) return <span className="soft">—</span>;
  return (
    <span className={isNegative(value) ? "figures alarm" : "figures"}>
      {formatMoney(value, currency)}
    </span>
  );
}

/** A number of things. */
export function Count({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <span className="soft">—</span>;
  return <span className="figures">{formatCount(value)}</span>;
}
