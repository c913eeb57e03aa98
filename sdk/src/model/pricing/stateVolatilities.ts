import { PPM } from "../../protocol.ts";
import { divideNearest, larger, magnitude, smaller } from "../integers.ts";
import type { StateVolatility } from "../states.ts";
import { type PricingTime, SHOCK_UNIT } from "./pricingTime.ts";
import type { ScenarioTerms } from "./terms.ts";

/** {1 / SKEW_UNIT of a volatility} what the skew is at most when no time is left: 15 % */
export const SKEW_CAP = 3_000_000n;
const SKEW_UNIT = 20_000_000n;
/** {grid} least width of the smile: 0.01 */
export const LEAST_SKEW_WIDTH = 671_089n;
/** W of B-4: {2⁻⁴⁰ grid per ppm²} so that the width is √T (2.4 − 0.4 √T) */
export const SKEW_WIDTH_SCALE = divideNearest(1n << 68n, 10n ** 13n);

/** B-4: {1 / SKEW_UNIT} how much of a volatility the skews change. */
export function skewOf(logMoneyness: bigint, rootYears: bigint): bigint {
  const cap = SKEW_CAP - rootYears;
  const width = larger(LEAST_SKEW_WIDTH, (rootYears * (2n * SKEW_CAP - rootYears) * SKEW_WIDTH_SCALE) >> 40n);
  return smaller(cap, (magnitude(logMoneyness) * cap) / width);
}

/**
 * The volatilities of a series in its states: rules B-3 and B-4. They define the states; none is an approximation.
 * @param volatility {ppt per √year}
 * @param logMoneyness {grid} m
 * @returns {ppt per √year}
 */
export function stateVolatilities(
  volatility: bigint,
  logMoneyness: bigint,
  { rootYears, shockScale }: PricingTime,
  { upShock, downShock, minimumUpVolatility }: Pick<ScenarioTerms, "upShock" | "downShock" | "minimumUpVolatility">,
): Record<StateVolatility, bigint> {
  const shock = (ppm: bigint): bigint => (volatility * ppm * shockScale) / SHOCK_UNIT;
  const change = (volatility * skewOf(logMoneyness, rootYears)) / SKEW_UNIT;
  return {
    down: larger(0n, volatility - shock(downShock)),
    static: volatility,
    up: larger(volatility + shock(upShock), minimumUpVolatility * PPM),
    // strikes below the forward lose volatility, those above it gain
    linear: logMoneyness > 0n ? volatility - change : volatility + change,
    absolute: volatility + change,
  };
}
