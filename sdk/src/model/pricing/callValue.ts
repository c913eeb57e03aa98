import { PPT } from "../../protocol.ts";
import { divideNearest } from "../integers.ts";
import { logarithmOf, normalOf } from "../tables/index.ts";

/** J of B-2 */
export const INVERSE_SCALE = divideNearest(1n << 47n, 9n);
/** {units} of 3 · 2⁻²⁸: half of a total volatility is never less, so that no argument of Φ is without bound */
export const LEAST_HALF_VOLATILITY = 1n << 10n;

/** Half of a total volatility, and its reciprocal. */
export type HalfVolatility = {
  /** {units} h */
  readonly half: bigint;
  /** J / h */
  readonly inverse: bigint;
};

/**
 * B-2, h to nearest: its rounding is the one that the value feels in first order.
 * @param volatility {ppt per √year}
 */
export function halfVolatility(volatility: bigint, root: bigint): HalfVolatility {
  const nearest = (volatility * root + (1n << 53n)) >> 54n;
  const half = nearest > LEAST_HALF_VOLATILITY ? nearest : LEAST_HALF_VOLATILITY;
  return { half, inverse: INVERSE_SCALE / half };
}

/** An option's place in its market. */
export type Moneyness = {
  /** {ppm of spot} f */
  readonly forward: bigint;
  /** {ppt of spot} κ, rounded down */
  readonly strike: bigint;
  /** {grid} m, ln of forward over strike */
  readonly logarithm: bigint;
};

/**
 * B-1. Both prices in one unit, whatever it is.
 * @param basis {ppm of spot}
 * @throws RatioOutOfRange
 */
export function moneyness(spot: bigint, strike: bigint, basis: bigint): Moneyness {
  const forward = 1_000_000n + basis;
  const ratio = (strike * PPT) / spot;
  return { forward, strike: ratio, logarithm: logarithmOf(1_000_000n * forward, ratio) };
}

/** A spot level {ppm} and its logarithm {grid}. */
export type SpotLevel = { readonly level: bigint; readonly logarithm: bigint };
/** A level {ppm of the spot} with its logarithm rounded down to the grid: docs/clearing.md, T-3. */
export const spotLevelOf = (level: bigint): SpotLevel => ({ level, logarithm: logarithmOf(level, 1_000_000n) });

/** B-5: t and with it d₁ {units} */
export const upperArgument = (logarithm: bigint, { half, inverse }: HalfVolatility): bigint =>
  ((logarithm * inverse) >> 18n) + half;

/**
 * B-5: what a call is worth, exact.
 * @returns {ppt of spot · 2¹¹⁷}
 */
export function callValue(option: Moneyness, spot: SpotLevel, volatility: HalfVolatility): bigint {
  const d1 = upperArgument(option.logarithm + spot.logarithm, volatility);
  const d2 = d1 - 2n * volatility.half;
  return option.forward * spot.level * normalOf(d1) - option.strike * normalOf(d2);
}
