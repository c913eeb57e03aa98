import { PPM, PPT, YEAR } from "../../protocol.ts";
import { divideDown } from "../integers.ts";
import { NORMAL_ONE } from "../tables/index.ts";
import { callValue, halfVolatility, LEAST_HALF_VOLATILITY, moneyness, spotLevelOf } from "./callValue.ts";
import { valueErrorBoundOf } from "./errorBound.ts";
import { rootOf } from "./pricingTime.ts";

/** One option on its forward, in integers; both prices in one unit, whatever it is. */
export type FixedPointOption = {
  readonly type: "call" | "put";
  readonly forward: bigint;
  readonly strike: bigint;
  /** {ppt per √year} 0 or more */
  readonly volatility: bigint;
  /** {s} 0 or more */
  readonly seconds: bigint;
};

/** {ppt of the forward} */
export type FixedPointPrice = {
  readonly price: bigint;
  /** |price − Black-76 in real numbers| is at most this */
  readonly errorBound: bigint;
};

/** {ppt of the forward} what a value changes by per unit of h, 2 · 3 · 2⁻²⁸ · 0.39895, rounded up */
const VALUE_PER_UNIT = 8_918n;

/**
 * What circuit and contracts say of an option on its forward (rules B-1, B-2, B-5 without a basis), undiscounted. Total volatilities
 * that B-2 raises to its least are priced with it, and the bound says so.
 * @throws RatioOutOfRange where forward and strike are more than a factor 2¹⁰ apart
 */
export function fixedPointPrice(option: FixedPointOption): FixedPointPrice {
  const { type, forward, strike, volatility, seconds } = option;
  const place = moneyness(forward, strike, 0n);
  const root = rootOf(seconds);
  const call = divideDown(callValue(place, spotLevelOf(PPM), halfVolatility(volatility, root)), NORMAL_ONE);
  // the nearest h may be half a unit above the true one
  const lacking = LEAST_HALF_VOLATILITY + 1n - ((volatility * root) >> 54n);
  // what root lacks, for volatilities that no series may have
  const unrooted = (volatility * VALUE_PER_UNIT) >> 54n;
  return {
    // rounding may take it below what exercising brings, and below 0: it stays what circuit and contracts say
    price: type === "call" ? call : call + place.strike - PPT,
    errorBound: valueErrorBoundOf(PPM, place.strike) + (lacking > 0n ? lacking * VALUE_PER_UNIT : 0n) + unrooted,
  };
}

/** An option's input is not a number that can be priced. */
export class OptionInputInvalid extends Error {
  override name = "OptionInputInvalid";
  constructor(input: string, value: number, needed: string) {
    super(`${input} is ${value}; it must be ${needed}: give it as a decimal number in the unit of the other prices`);
  }
}

/** {money} below it a ppt of the price, which bounds count, is no longer a normal double */
const LEAST_PRICE = 1e-290;

/** The same option in floating point. */
export type QuotedOption = {
  readonly type: "call" | "put";
  readonly forward: number;
  readonly strike: number;
  /** {1 per √year} */
  readonly volatility: number;
  readonly years: number;
};

/** {1} twice over: what a double is times 2^shift, for shifts that leave an integer */
function scaledInteger(value: number, shift: number): bigint {
  // 2^shift alone may overflow where value · 2^shift does not
  const half = Math.trunc(shift / 2);
  return BigInt(value * 2 ** half * 2 ** (shift - half));
}

/**
 * The fixed-point price of an option given in floating point, in the unit of its forward, undiscounted. The bound includes
 * that volatilities count 10⁻¹² and times whole seconds; prices are taken exactly.
 * @throws OptionInputInvalid, RatioOutOfRange
 */
export function fixedPointPriceOf({ type, forward, strike, volatility, years }: QuotedOption): {
  readonly price: number;
  readonly errorBound: number;
} {
  for (const [name, value] of Object.entries({ forward, strike })) {
    if (!(value >= LEAST_PRICE && Number.isFinite(value)))
      throw new OptionInputInvalid(name, value, `finite and at least ${LEAST_PRICE}`);
  }
  // far beyond the logarithm's range the quotient would not fit a double either
  const ratio = forward / strike;
  if (!(ratio > 2 ** -11 && ratio < 2 ** 11))
    throw new OptionInputInvalid("forward / strike", ratio, "from 2^-10 to 2^10");
  for (const [name, value] of Object.entries({ volatility, years })) {
    if (!(value >= 0 && value < 1e6)) throw new OptionInputInvalid(name, value, "0 to a million");
  }
  // the smaller price keeps all of its 53 bits
  const shift = 60 - Math.floor(Math.log2(Math.min(forward, strike)));
  const ppt = BigInt(Math.round(volatility * 1e12));
  const seconds = BigInt(Math.round(years * Number(YEAR)));
  const fixed = fixedPointPrice({
    type,
    forward: scaledInteger(forward, shift),
    strike: scaledInteger(strike, shift),
    volatility: ppt,
    seconds,
  });
  // {ppt of the forward} at most 0.39895 per total volatility, and one more for the doubles here
  const totalVolatility = volatility * Math.sqrt(years);
  const taken = (Number(ppt) / 1e12) * Math.sqrt(Number(seconds) / Number(YEAR));
  const quantisation = Math.abs(totalVolatility - taken) * 0.39895e12 + totalVolatility + 1;
  const unit = forward / 1e12;
  return {
    price: Number(fixed.price) * unit,
    errorBound: (Number(fixed.errorBound) + Math.ceil(quantisation)) * unit,
  };
}
