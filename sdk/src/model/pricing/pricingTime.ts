import { YEAR } from "../../protocol.ts";
import { divideDown, divideNearest, squareRootDown } from "../integers.ts";
import { exponentialOf, GRID_BITS, logarithmOf } from "../tables/index.ts";

/** {s} */
const DAY = 86_400n;
/** {s} volatility shocks are stated for this time to expiry */
export const SHOCK_TIME = 30n * DAY;
/** {%} powers of SHOCK_TIME / time by which shocks grow, for shorter and for longer times */
const SHORT_POWER = 30n;
const LONG_POWER = 13n;

/** X of B-2: √(T X) times a volatility {ppt} is 2⁵⁴ times half the total volatility {units of 3 · 2⁻²⁸}. */
export const ROOT_SCALE = divideNearest(1n << 162n, 9n * 10n ** 24n * YEAR);
/** {2⁻⁴⁰ ppm} of √year per unit of `root`: 10⁶ · 6 · 10¹² / 2⁸² */
export const YEARS_PER_ROOT = divideNearest(6n * 10n ** 18n, 1n << 42n);

/** What pricing needs of the time to expiry. */
export type PricingTime = {
  /** √T scaled for B-2 */
  readonly root: bigint;
  /** {ppm} √T in years, y of B-4 */
  readonly rootYears: bigint;
  /** {grid} H of B-3: how much stronger than at 30 days a volatility shock is */
  readonly shockScale: bigint;
};

/** B-2: rounded down */
export const rootOf = (seconds: bigint): bigint => squareRootDown(seconds * ROOT_SCALE);

/** B-4: {ppm} √T in years, rounded down */
export const rootYearsOf = (root: bigint): bigint => (root * YEARS_PER_ROOT) >> 40n;

/** B-3: H {grid} */
export function shockScaleOf(seconds: bigint): bigint {
  const logarithm = logarithmOf(SHOCK_TIME, seconds > DAY ? seconds : DAY);
  const power = logarithm >= 0n ? SHORT_POWER : LONG_POWER;
  return exponentialOf(divideDown(logarithm * power, 100n));
}

/**
 * @param seconds to expiry, within PRICING_BOUNDS
 */
export function pricingTime(seconds: bigint): PricingTime {
  const root = rootOf(seconds);
  return { root, rootYears: rootYearsOf(root), shockScale: shockScaleOf(seconds) };
}

/** Denominator of shocks in B-3: {ppm} times {grid} */
export const SHOCK_UNIT = 1_000_000n << BigInt(GRID_BITS);
