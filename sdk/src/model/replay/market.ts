import { PPM, PPT } from "../../protocol.ts";
import { divideUp, larger, smaller, squareRootDown } from "../integers.ts";
import type { MarginArray, MarginMarket, MarginSeries } from "../margin/account.ts";
import { jointStates } from "../margin/jointStates.ts";
import { seriesValues } from "../pricing/seriesValues.ts";
import type { ScenarioTerms, SeriesTerms } from "../pricing/terms.ts";
import { riskFigures } from "../riskState.ts";
import type { HouseParameters } from "./parameters.ts";
import { HOUR } from "./path.ts";

/** {s} */
const DAY = 86_400;
/** {s} an option is priced as if at least so much were left */
const LEAST_SECONDS = 60n;

/** A series as listed. */
export type Listing = Pick<SeriesTerms, "kind" | "expirySlot" | "strike"> & {
  /** {s} 0 for a perpetual */
  readonly expiry: number;
};

const PERPETUAL: Listing = { kind: "perpetual", expirySlot: 0, strike: 1n, expiry: 0 };
/** {%} of the spot at the start */
const NEAR_STRIKES = { put: [85n, 95n, 100n], call: [100n, 105n, 115n] } as const;
const FAR_STRIKES = { put: [70n, 80n, 90n, 100n], call: [100n, 110n, 120n, 140n] } as const;
/** {s} after the last hour, so that nothing settles within a replay */
const NEAR_EXPIRY = 5 * DAY;
const FAR_EXPIRY = 33 * DAY;

/** What is listed on an underlying: a perpetual, and two expiries of options if it has any. */
export function listingsOf(spot: bigint, end: number, options: boolean): Listing[] {
  if (!options) return [PERPETUAL];
  const expiries = [
    { strikes: NEAR_STRIKES, expiry: end + NEAR_EXPIRY },
    { strikes: FAR_STRIKES, expiry: end + FAR_EXPIRY },
  ];
  return [
    PERPETUAL,
    ...expiries.flatMap(({ strikes, expiry }, slot) =>
      (["put", "call"] as const).flatMap((kind) =>
        strikes[kind].map(
          (percent): Listing => ({ kind, expirySlot: slot + 1, strike: (spot * percent) / 100n, expiry }),
        ),
      ),
    ),
  ];
}

/** What an epoch fixes until the next: what comes of the proven window. */
export type EpochTerms = {
  /** {ppm} [asset] */
  readonly steps: readonly bigint[];
  readonly haircuts: readonly bigint[];
  readonly jointLevels: readonly number[];
};

/**
 * Steps, joint states (J) and haircuts (H-2.4) of a window of hourly returns.
 * @param observedReturns {ppm} [240][asset]
 */
export function epochTerms(observedReturns: readonly (readonly bigint[])[], house: HouseParameters): EpochTerms {
  const { volatilities, correlations } = riskFigures(observedReturns);
  const perDay = BigInt(DAY / HOUR);
  const root = squareRootDown(PPT * perDay);
  // both roundings go up
  const rootUp = root * root === PPT * perDay ? root : root + 1n;
  const multiple = divideUp(house.rangeMultiple * rootUp, PPM);
  const steps = volatilities.map((volatility) => {
    const step = divideUp((volatility + 1n) * multiple, 3n * PPM);
    return smaller(house.maximumStep, larger(house.minimumStep, step));
  });
  const haircuts = volatilities.map((volatility) => {
    const haircut = house.baseHaircut + divideUp((volatility + 1n) * house.haircutMultiple, PPM);
    return smaller(PPM, haircut);
  });
  const arrays = steps.map((step, underlying) => ({ underlying, step }));
  return { steps, haircuts, jointLevels: jointStates({ multiple, volatilities, correlations, arrays }) };
}

/** What prices are taken at. */
export type PricingMoment = {
  /** {s} */
  readonly time: number;
  /** {ppt of a dollar} [asset] */
  readonly spots: readonly bigint[];
  /** {ppt per √year} [asset] */
  readonly implied: readonly (bigint | undefined)[];
};

/** The market of margin at a moment under the terms of an epoch: forwards are spots, perpetuals stand at theirs. */
export function marketAt(
  listings: readonly (readonly Listing[])[],
  { time, spots, implied }: PricingMoment,
  epoch: EpochTerms,
  house: HouseParameters,
): MarginMarket {
  const { upShock, downShock, minimumUpVolatility } = house;
  const arrays = listings.map((listed, underlying): MarginArray => {
    const spot = spots[underlying] as bigint;
    const step = epoch.steps[underlying] as bigint;
    const terms: ScenarioTerms = { version: 1n, step, upShock, downShock, minimumUpVolatility };
    const series = listed.map((listing): MarginSeries => {
      const left = BigInt(listing.expiry - time);
      const option = listing.kind !== "perpetual";
      const seriesTerms: SeriesTerms = {
        ...listing,
        basis: 0n,
        strike: option ? listing.strike : spot,
        volatility: option ? (implied[underlying] ?? 1n) : 1n,
        seconds: option ? larger(LEAST_SECONDS, left) : BigInt(DAY),
      };
      return { ...seriesTerms, ...seriesValues(spot, seriesTerms, terms) };
    });
    return { underlying, spot, step, series };
  });
  return { arrays, terms: house.terms, jointLevels: epoch.jointLevels };
}
