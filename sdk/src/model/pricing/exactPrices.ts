/** Black-76 with 70 digits, what prices in integers are measured against. For tests: nothing that runs imports it. */
import { PPM, PPT, YEAR } from "../../protocol.ts";
import { squareRootDown } from "../integers.ts";
import {
  LONG_BITS,
  LONG_ONE,
  longDensity,
  longLn,
  longNormal,
  longOf,
  longOver,
  longTimes,
} from "../tables/longNumbers.ts";
import { ARGUMENT_UNIT } from "../tables/shapes.ts";
import { LEAST_HALF_VOLATILITY } from "./callValue.ts";

/** An option in one state. */
export type ExactOption = {
  /** both {ppt of a dollar} */
  readonly spot: bigint;
  readonly strike: bigint;
  /** {ppm of spot} */
  readonly basis: bigint;
  /** {ppt per √year} of the state */
  readonly volatility: bigint;
  /** {s} */
  readonly seconds: bigint;
  /** {ppm} spot level of the state */
  readonly level: bigint;
};

/** {long} beyond here Φ is 0 or 1 to 32 digits */
const FAR = 12n * LONG_ONE;
const normal = (x: bigint): bigint => (x > FAR ? LONG_ONE : x < -FAR ? 0n : longNormal(x));
const density = (x: bigint): bigint => (x > 10n * LONG_ONE || x < -10n * LONG_ONE ? 0n : longDensity(x));

/** {long} the least total volatility that B-2 knows */
export const LEAST_TOTAL_VOLATILITY =
  (2n * LEAST_HALF_VOLATILITY * ARGUMENT_UNIT.numerator * LONG_ONE) >> ARGUMENT_UNIT.shift;

/** {long} √seconds in years */
export const exactRootYears = (seconds: bigint): bigint => squareRootDown((seconds << BigInt(2 * LONG_BITS)) / YEAR);

/**
 * {long, of spot} value of a call, its forward, strike and arguments.
 * @param least whether B-2's least total volatility holds
 */
export function exactCall({ spot, strike, basis, volatility, seconds, level }: ExactOption, least = true) {
  const forward = longOf((PPM + basis) * level, PPT);
  const ratio = longOf(strike, spot);
  const wanted = longTimes(longOf(volatility, PPT), exactRootYears(seconds));
  const total = least && wanted < LEAST_TOTAL_VOLATILITY ? LEAST_TOTAL_VOLATILITY : wanted;
  if (total === 0n) {
    return { value: forward > ratio ? forward - ratio : 0n, forward, strike: ratio, total, upper: 0n, density: 0n };
  }
  const upper = longOver(longLn(longOver(forward, ratio)), total) + total / 2n;
  const value = longTimes(forward, normal(upper)) - longTimes(ratio, normal(upper - total));
  return { value, forward, strike: ratio, total, upper: normal(upper), density: density(upper) };
}

/** {ppt} of a {long} number, as a double with 10⁻⁶ ppt of room */
export const toPpt = (long: bigint): number => Number((long * PPT * 1_000_000n) >> BigInt(LONG_BITS)) / 1e6;
