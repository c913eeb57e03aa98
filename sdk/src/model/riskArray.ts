import { SIZES, type Size } from "../protocol.ts";
import { type SeriesValues, seriesValues } from "./pricing/seriesValues.ts";
import type { ArrayMarket, ScenarioTerms, SeriesTerms } from "./pricing/terms.ts";

/** What a risk array is computed from: one underlying at one time, and the series listed on it. */
export type RiskArrayInputs = {
  readonly market: ArrayMarket;
  readonly terms: ScenarioTerms;
  /** one per place: A-6 says what stands where no series is listed */
  readonly series: readonly SeriesTerms[];
};

/** The number of series is not that of an array. */
export class SeriesCountWrong extends Error {
  override name = "SeriesCountWrong";
  constructor(count: number, expected: number) {
    super(`${count} series given; an array has ${expected} places: fill those without a series with vacantPlace`);
  }
}

/** {s} */
const DAY = 86_400n;

/** What stands in a place without a series: a perpetual at the spot. */
export const vacantPlace = (spot: bigint): SeriesTerms => ({
  kind: "perpetual",
  expirySlot: 0,
  basis: 0n,
  volatility: 1n,
  seconds: DAY,
  strike: spot,
});

/**
 * The values of every series of an array, by place.
 * @throws SeriesCountWrong, PricingInputOutOfBounds, RatioOutOfRange
 */
export function riskArrayValues({ market, terms, series }: RiskArrayInputs, size: Size = SIZES.full): SeriesValues[] {
  if (series.length !== size.series) throw new SeriesCountWrong(series.length, size.series);
  return series.map((place) => seriesValues(market.spot, place, terms));
}
