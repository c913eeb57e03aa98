import { ARRAY_COUNT, LANE_COUNT, type MarginTerm, type SeriesKind, SIZES } from "../../protocol.ts";
import { type Collateral, type CollateralTerms, NO_COLLATERAL_TERMS } from "./collateral.ts";

/** A listed series as margin sees it: its terms, and what a risk array says of it. */
export type MarginSeries = {
  readonly kind: SeriesKind;
  /** series with the same one expire together; 0 for perpetuals */
  readonly expirySlot: number;
  /** {ppm} signed: forward over spot, less one */
  readonly basis: bigint;
  /** {ppt of a dollar} */
  readonly strike: bigint;
  /** {ppt of spot} [31] change of value in each state */
  readonly riskArray: readonly bigint[];
  /** {ppt of spot} the call's value for both types of option */
  readonly mark: bigint;
  /** {ppt of a contract's forward} */
  readonly delta: bigint;
  /** {ppt of a contract's forward per 1 % of spot} */
  readonly gamma: bigint;
  /** {ppt of spot per point of volatility} */
  readonly vega: bigint;
  /** {ppt of spot} */
  readonly errorBound: bigint;
};

/** A risk array as margin sees it. */
export type MarginArray = {
  /** lane in the observation log */
  readonly underlying: number;
  /** {ppt of a dollar} */
  readonly spot: bigint;
  /** {ppm} a third of the price range */
  readonly step: bigint;
  readonly series: readonly MarginSeries[];
};

/** {ppm} of the worst loss, or of the spot value of what is charged */
export type MarginTerms = Readonly<Record<MarginTerm, bigint>>;

/** What an account holds of one series. */
export type Position = {
  /** 16 · array + place */
  readonly series: number;
  /** {ppm of a contract} signed: below 0 is short */
  readonly quantity: bigint;
};

/** What an account holds. */
export type MarginAccount = {
  /** at most 16, series strictly ascending */
  readonly positions: readonly Position[];
  /** {ppm of a dollar} signed */
  readonly cash: bigint;
  /** at most 12 */
  readonly collateral: readonly Collateral[];
};

/** What an account holds, whatever its collateral counts for. */
export type AccountHoldings = {
  readonly positions: readonly Position[];
  /** {ppm of a dollar} signed */
  readonly cash: bigint;
  /** {ppm of a token} of each lane of collateral, at most 12 */
  readonly balances: readonly bigint[];
};

/** What a clearing house knows beside the account. */
export type MarginMarket = {
  /** at most 4; undefined: no array */
  readonly arrays: readonly (MarginArray | undefined)[];
  readonly terms: MarginTerms;
  /** J-2 [32] */
  readonly jointLevels: readonly number[];
};

/** Positions of one account that are not in the one order they may have. */
export class PositionsNotAscending extends Error {
  override name = "PositionsNotAscending";
  constructor(place: number, series: number, before: number) {
    super(
      `position ${place} is in series ${series} after series ${before}; series ascend and none stands twice: add up the ` +
        "quantities of one series and sort",
    );
  }
}

/** A position in a series, or collateral in an array, that the market does not have. */
export class ArrayMissing extends Error {
  override name = "ArrayMissing";
  constructor(what: string, place: number) {
    super(`${what} needs place ${place}, and the market has nothing there: list it, or leave it out of the account`);
  }
}

/** More of something than an account or a market has room for. */
export class TooMany extends Error {
  override name = "TooMany";
  constructor(what: string, count: number, limit: number) {
    super(`${count} ${what}; there is room for ${limit}: use several accounts`);
  }
}

/** An account of these holdings, where collateral counts for that. */
export const accountWith = (
  { positions, cash, balances }: AccountHoldings,
  collateral: readonly CollateralTerms[],
): MarginAccount => ({
  positions,
  cash,
  collateral: Array.from({ length: Math.max(balances.length, collateral.length) }, (_, lane) => ({
    ...(collateral[lane] ?? NO_COLLATERAL_TERMS),
    balance: balances[lane] ?? 0n,
  })),
});

/** Series of one array; the number of a series counts so in every size of circuit. */
export const SERIES_PER_ARRAY = SIZES.full.series;

/** The array a series is in: docs/clearing.md, A-1. */
export const arrayOf = (series: number): number => Math.floor(series / SERIES_PER_ARRAY);

/** The series of a number, and its array. */
export function seriesAt(market: MarginMarket, series: number): { array: MarginArray; series: MarginSeries } {
  const array = market.arrays[arrayOf(series)];
  const found = array?.series[series % SERIES_PER_ARRAY];
  if (array === undefined || found === undefined) throw new ArrayMissing(`series ${series}`, series);
  return { array, series: found };
}

/** Whether two arrays have the same underlying: each is kin of itself, an array that is not there of none. */
export function kinOf({ arrays }: MarginMarket): (a: number, b: number) => boolean {
  return (a, b) => arrays[a] !== undefined && arrays[a]?.underlying === arrays[b]?.underlying;
}

/** Throws the first thing that is wrong with an account in a market. */
export function checkAccount(account: MarginAccount, market: MarginMarket): void {
  const { positions, collateral } = account;
  if (market.arrays.length > ARRAY_COUNT) throw new TooMany("arrays", market.arrays.length, ARRAY_COUNT);
  if (positions.length > SIZES.full.positions) {
    throw new TooMany("positions", positions.length, SIZES.full.positions);
  }
  if (collateral.length > LANE_COUNT) throw new TooMany("balances", collateral.length, LANE_COUNT);
  positions.forEach(({ series }, place) => {
    const before = positions[place - 1]?.series ?? -1;
    if (series <= before) throw new PositionsNotAscending(place, series, before);
    seriesAt(market, series);
  });
  collateral.forEach(({ array }, lane) => {
    if (array !== undefined && market.arrays[array] === undefined) {
      throw new ArrayMissing(`collateral ${lane}`, array);
    }
  });
}
