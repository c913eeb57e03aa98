/** A figure of a file that is no decimal number, or that its units cannot express. */
export class UnitsUnreadable extends Error {
  override name = "UnitsUnreadable";
  constructor(field: string, value: unknown, fact: string) {
    super(`${field} is ${JSON.stringify(value) ?? "missing"} and ${fact}: correct it`);
  }
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * A decimal number, as JSON has it or as text, in units of 10^-decimals. Exact: no floating point decides.
 * @param rounded against whoever holds the figure, where it has more decimals than the units
 */
export function decimalUnits(value: unknown, field: string, decimals: number, rounded: "down" | "up" = "down"): bigint {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  const [matched, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (matched === undefined || whole + fraction === "") {
    throw new UnitsUnreadable(field, value, "must be a decimal number, such as 0.25");
  }
  const power = Number(exponent) - fraction.length + decimals;
  if (power > 60) throw new UnitsUnreadable(field, value, "is larger than anything that margin can hold");
  const digits = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  const remainder = ((digits % divisor) + divisor) % divisor;
  return (digits - remainder) / divisor + (rounded === "up" && remainder > 0n ? 1n : 0n);
}
