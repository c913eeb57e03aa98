import { FEED_DECIMALS } from "@equipoise/sdk";
import { PricesRefused } from "./series.ts";

/** A price that is not a number. */
export class PriceNotANumber extends PricesRefused {
  override name = "PriceNotANumber";
  constructor(text: string, place: string) {
    super(`the price ${place} is "${text}" and must be a decimal number such as 0.25: correct it`);
  }
}

/** A price that feeds cannot express because it is zero, negative or too small. */
export class PriceTooSmall extends PricesRefused {
  override name = "PriceTooSmall";
  constructor(text: string, place: string) {
    super(
      `the price ${place} is ${text} and must be at least 1e-${FEED_DECIMALS} after rounding: correct it, or quote the asset in larger units`,
    );
  }
}

/** A price beyond what any feed answers. */
export class PriceTooLarge extends PricesRefused {
  override name = "PriceTooLarge";
  constructor(text: string, place: string) {
    super(`the price ${place} is ${text} and must be below 1e18: correct it, or quote the asset in smaller units`);
  }
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const LARGEST_EXPONENT = 18;
const TO_WAD = 10n ** BigInt(18 - FEED_DECIMALS);

/**
 * Price from its decimal text, rounded half up to FEED_DECIMALS as a feed answers it. Exact: no floating point.
 * @param place which price it is, for the error
 * @returns {D18} > 0
 */
export function parsePrice(text: string, place: string): bigint {
  const trimmed = text.trim();
  const match = DECIMAL.exec(trimmed);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (match === null || whole + fraction === "") throw new PriceNotANumber(text, place);
  const digits = BigInt(whole + fraction);
  if (sign === "-" || digits === 0n) throw new PriceTooSmall(trimmed, place);
  // value = digits · 10^power in units of 10^-FEED_DECIMALS
  const power = Number(exponent) - fraction.length + FEED_DECIMALS;
  if (digits.toString().length + power > LARGEST_EXPONENT + FEED_DECIMALS) throw new PriceTooLarge(trimmed, place);
  if (digits.toString().length + power < -1) throw new PriceTooSmall(trimmed, place);
  const divisor = 10n ** BigInt(Math.max(0, -power));
  const scaled = digits * 10n ** BigInt(Math.max(0, power));
  const rounded = (2n * scaled + divisor) / (2n * divisor);
  if (rounded === 0n) throw new PriceTooSmall(trimmed, place);
  return rounded * TO_WAD;
}
