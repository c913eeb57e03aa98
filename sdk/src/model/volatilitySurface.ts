/**
 * What a report of implied volatilities says of every expiry and strike: docs/clearing.md, V. The same integers as
 * `contracts/libraries/VolatilitySurface.sol`.
 */
import { LANE_BITS, PPM, PRICING_BOUNDS, QUAD_LANES } from "../protocol.ts";
import { divideDown, squareRootDown } from "./integers.ts";

/** One expiry of a report. */
export type VolatilitySlice = {
  /** {s} */
  readonly expiry: bigint;
  /** {ppm, signed} the forward is spot · (10⁶ + basis) / 10⁶ */
  readonly basis: bigint;
  /** {ppt of a dollar} ascending */
  readonly strikes: readonly bigint[];
  /** {ppt per √year} one for each strike */
  readonly volatilities: readonly bigint[];
};

/** What signers sign. */
export type VolatilityReport = {
  /** lane in the observation log */
  readonly underlying: bigint;
  /** {s} */
  readonly observedAt: bigint;
  /** {ppt of a dollar} */
  readonly spot: bigint;
  /** ascending by expiry */
  readonly slices: readonly VolatilitySlice[];
};

/** What a report may hold; the contract refuses anything else. */
export const REPORT_BOUNDS = {
  slices: 8,
  strikes: 16,
  /** {ppt per √year} */
  volatility: [10n ** 10n, PRICING_BOUNDS.volatility[1]],
  /** strikes are within this factor of the spot */
  moneyness: 256n,
  /** {s} from the observation to an expiry */
  seconds: PRICING_BOUNDS.seconds,
} as const;

/** {ppt of a dollar} */
const LARGEST_STRIKE = (1n << BigInt(LANE_BITS * QUAD_LANES)) - 1n;

/** A report without slices, or a slice without strikes, says nothing of any option. */
export class VolatilityReportEmpty extends Error {
  override name = "VolatilityReportEmpty";
  constructor(what: string) {
    super(`${what} is empty: report at least one strike of one expiry`);
  }
}

/**
 * {ppt²/year} the square of a slice's volatility at a strike: linear in the strike between strikes, flat outside,
 * rounded down.
 */
export function varianceAt({ strikes, volatilities }: VolatilitySlice, strike: bigint): bigint {
  const above = strikes.findIndex((listed) => listed >= strike);
  const node = (k: number): [strike: bigint, variance: bigint] => {
    const [listed, volatility] = [strikes[k], volatilities[k]];
    if (listed === undefined || volatility === undefined) throw new VolatilityReportEmpty("a slice of the report");
    return [listed, volatility * volatility];
  };
  const [highStrike, highVariance] = node(above < 0 ? strikes.length - 1 : above);
  if (above <= 0 || highStrike === strike) return highVariance;
  const [lowStrike, lowVariance] = node(above - 1);
  return (lowVariance * (highStrike - strike) + highVariance * (strike - lowStrike)) / (highStrike - lowStrike);
}

/**
 * {ppt of a dollar} the strike that is to the second forward what `strike` is to the first, rounded down.
 * @param from {ppm} basis of the first forward
 * @param to {ppm} basis of the second
 */
export const atMoneyness = (strike: bigint, from: bigint, to: bigint): bigint => (strike * (PPM + to)) / (PPM + from);

/**
 * Volatility and basis of any expiry and strike, without a floor: total variance and basis are linear in time between
 * expiries, at equal moneyness, and from 0 at the observation; flat after the last expiry.
 * @param strike {ppt of a dollar}
 * @returns {ppt per √year} and {ppm}, rounded down
 */
export function volatilityAt(
  { observedAt, slices }: VolatilityReport,
  expiry: bigint,
  strike: bigint,
): { volatility: bigint; basis: bigint } {
  const struck = strike > LARGEST_STRIKE ? LARGEST_STRIKE : strike;
  const place = slices.findIndex((slice) => slice.expiry >= expiry);
  const later = place < 0 ? slices.at(-1) : slices[place];
  if (later === undefined) throw new VolatilityReportEmpty("the report");
  if (place < 0 || later.expiry === expiry) {
    return { volatility: squareRootDown(varianceAt(later, struck)), basis: later.basis };
  }
  const tenor = expiry > observedAt ? expiry - observedAt : 0n;
  const laterTenor = later.expiry - observedAt;
  const earlier = slices[place - 1];
  if (earlier === undefined) {
    const basis = divideDown(later.basis * tenor, laterTenor);
    return { volatility: squareRootDown(varianceAt(later, atMoneyness(struck, basis, later.basis))), basis };
  }
  const earlierTenor = earlier.expiry - observedAt;
  const [before, behind, span] = [tenor - earlierTenor, laterTenor - tenor, laterTenor - earlierTenor];
  const basis = divideDown(earlier.basis * behind + later.basis * before, span);
  const near = varianceAt(earlier, atMoneyness(struck, basis, earlier.basis));
  const far = varianceAt(later, atMoneyness(struck, basis, later.basis));
  const total = near * earlierTenor * behind + far * laterTenor * before;
  return { volatility: squareRootDown(total / (span * tenor)), basis };
}
