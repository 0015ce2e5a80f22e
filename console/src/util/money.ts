/** Money as the server writes it, "1234.5000", for the eye: "¥1,234.50". Never a float. */

const SIGNS: Readonly<Record<string, string>> = { CNY: "¥", USD: "$", EUR: "€", HKD: "HK$" };
/** What stands before an amount that is typed: "€", or the code of a currency without a sign. */
export function signOf(currency: string): string {
  return SIGNS[currency] ?? currency;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Two decimals; more only where they say something: 14.1250, as costs do. */
function decimalsOf(written: string): string {
  const short = written.padEnd(2, "0");
  const cut = short.slice(0, 2) + short.slice(2).replace(/0+$/, "");
  return cut.length === 3 ? cut.padEnd(4, "0") : cut;
}

/** Group thousands in a written whole number. */
export function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "-1234.5" → "−¥1,234.50"; what isn't a decimal number stays as it is. */
export function formatMoney(written: string, currency = "CNY"): string {
  const found = DECIMAL.exec(written);
  if (found === null) return written;
  const [, minus, whole = "0", decimals = ""] = found;
  const sign = SIGNS[currency] ?? `${currency} `;
  return `${minus ? "−" : ""}${sign}${grouped(whole)}.${decimalsOf(decimals)}`;
}

/** An amount as far as the eye needs it: "1234.5678" to 2 places → "1234.57", half up from zero. */
export function roundMoney(written: string, places: 0 | 2): string {
  const amount = e4(written);
  const unit = places === 0 ? 10_000n : 100n;
  const size = amount < 0n ? -amount : amount;
  const rounded = ((size + unit / 2n) / unit) * unit;
  const told = fromE4(amount < 0n ? -rounded : rounded);
  return places === 0 ? told.replace(/\.\d+$/, "") : told;
}

/** Count of things: 9713 → "9,713". */
export function formatCount(count: number): string {
  return `${count < 0 ? "−" : ""}${grouped(String(Math.abs(Math.trunc(count))))}`;
}

/** Whether an amount is less than nothing, without arithmetic. */
export function isNegative(written: string): boolean {
  return written.startsWith("-") && /[1-9]/.test(written);
}

/** Order two written amounts exactly, in ten-thousandths. */
export function compareMoney(one: string, other: string): number {
  const difference = e4(one) - e4(other);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** An amount in ten-thousandths, as the server counts. */
export function e4(written: string): bigint {
  const found = DECIMAL.exec(written);
  if (found === null) return 0n;
  const [, minus, whole = "0", decimals = ""] = found;
  const amount = BigInt(whole + decimals.padEnd(4, "0").slice(0, 4));
  return minus ? -amount : amount;
}

/** Ten-thousandths as the server writes them: 141250n → "14.1250". */
export function fromE4(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(5, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
