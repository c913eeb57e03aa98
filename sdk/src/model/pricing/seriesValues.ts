import { signedOffset } from "../../numbers.ts";
import { PPM, PPT, type SERIES_FIGURES } from "../../protocol.ts";
import { divideDown } from "../integers.ts";
import { damping, STATES, type StateVolatility, spotLevel, UNSHOCKED_STATE } from "../states.ts";
import { densityOf, NORMAL_ONE, normalOf } from "../tables/index.ts";
import { callValue, type HalfVolatility, halfVolatility, moneyness, spotLevelOf, upperArgument } from "./callValue.ts";
import { errorBoundOf } from "./errorBound.ts";
import { pricingTime } from "./pricingTime.ts";
import { stateVolatilities } from "./stateVolatilities.ts";
import { checkBound, checkPositive, type ScenarioTerms, type SeriesTerms } from "./terms.ts";

/** What an array says of one series {ppt of spot per contract}, unless said otherwise there. */
export type SeriesValues = {
  /** [31] change of value in each state, rounded down */
  readonly riskArray: readonly bigint[];
} & Readonly<Record<(typeof SERIES_FIGURES)[number], bigint>>;

/** {2⁻¹⁰ ppt} gamma is this times the density and the inverse: B-8 */
export const GAMMA_SCALE = 29_296_875n;
/** {ppt} the greatest gamma a signed pair holds */
const GAMMA_LIMIT = signedOffset("pair") - 1n;

function checkTerms(spot: bigint, series: SeriesTerms, terms: ScenarioTerms): void {
  checkPositive("spot", spot);
  checkPositive("strike", series.strike);
  for (const name of ["basis", "volatility", "seconds"] as const) checkBound(name, series[name]);
  for (const name of ["step", "upShock"] as const) checkBound(name, terms[name]);
}

/** Rules B-6 to B-9 for a perpetual: its value is its forward. */
function perpetualValues(basis: bigint, step: bigint): SeriesValues {
  const forward = PPM + basis;
  const riskArray = STATES.map((state) => {
    const { numerator, denominator } = damping(state, step);
    return divideDown(forward * (spotLevel(state, step) - PPM) * numerator, denominator);
  });
  return { riskArray, mark: PPM * forward, delta: PPT, gamma: 0n, vega: 0n, errorBound: 1n };
}

/**
 * Values of a series in every state, and its figures: docs/clearing.md, B.
 * @param spot {ppt of a dollar}
 * @throws PricingInputOutOfBounds, RatioOutOfRange
 */
export function seriesValues(spot: bigint, series: SeriesTerms, terms: ScenarioTerms): SeriesValues {
  checkTerms(spot, series, terms);
  const { kind, basis } = series;
  if (kind === "perpetual") return perpetualValues(basis, terms.step);

  const option = moneyness(spot, series.strike, basis);
  const time = pricingTime(series.seconds);
  const volatilities = stateVolatilities(series.volatility, option.logarithm, time, terms);
  const halves = Object.fromEntries(
    Object.entries(volatilities).map(([name, volatility]) => [name, halfVolatility(volatility, time.root)]),
  ) as Record<StateVolatility, HalfVolatility>;

  const values = STATES.map((state) =>
    callValue(option, spotLevelOf(spotLevel(state, terms.step)), halves[state.volatility]),
  );
  const unshocked = values[UNSHOCKED_STATE] as bigint;
  const put = kind === "put" ? 1n : 0n;
  const riskArray = STATES.map((state, s) => {
    const { numerator, denominator } = damping(state, terms.step);
    const parity = put * option.forward * (spotLevel(state, terms.step) - PPM) * NORMAL_ONE;
    return divideDown(((values[s] as bigint) - unshocked - parity) * numerator, denominator * NORMAL_ONE);
  });

  const d1 = upperArgument(option.logarithm, halves.static);
  const density = densityOf(d1);
  const gamma = divideDown(density * halves.static.inverse * GAMMA_SCALE, NORMAL_ONE << 10n);
  return {
    riskArray,
    mark: divideDown(unshocked, NORMAL_ONE),
    delta: divideDown(PPT * (normalOf(d1) - put * NORMAL_ONE), NORMAL_ONE),
    gamma: gamma < GAMMA_LIMIT ? gamma : GAMMA_LIMIT,
    vega: divideDown(option.forward * density * time.rootYears, 100n * NORMAL_ONE),
    errorBound: errorBoundOf(option.forward, option.strike),
  };
}
