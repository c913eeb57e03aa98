import { ARRAY_COUNT, LANE_COUNT, PPM, PPT, SIZES, type Size } from "../../protocol.ts";
import type { SeriesTerms } from "../pricing/terms.ts";
import { type RiskArrayInputs, vacantPlace } from "../riskArray.ts";
import { type SeededDraws, seededDraws } from "../seededDraws.ts";
import {
  type AccountHoldings,
  type MarginAccount,
  type MarginTerms,
  type Position,
  SERIES_PER_ARRAY,
} from "./account.ts";
import type { Collateral } from "./collateral.ts";
import { type JointStatesParameters, jointStates } from "./jointStates.ts";

/** A market and an account in it, for tests. */
export type SeededBook = {
  readonly arrays: readonly (RiskArrayInputs | undefined)[];
  readonly terms: MarginTerms;
  readonly joint: JointStatesParameters;
  readonly jointLevels: readonly number[];
  readonly account: MarginAccount;
};

export type SeededBookOptions = {
  readonly size?: Size;
  /** underlying of each array; undefined: no array. By default the third is kin of the first */
  readonly underlyings?: readonly (number | undefined)[];
  /** how many positions; by default as many as there is room for */
  readonly positions?: number;
};

/** {ppt of a dollar} one for each underlying: like bitcoin, like ether, and a coin of a thousandth of a cent */
const SPOTS = [63_217_410_000_000_000n, 2_613_120_000_000_000n, 11_230_000n];
const SLOT_SECONDS = [86_400n, 7n * 86_400n, 29n * 86_400n, 95n * 86_400n];

/** Terms like those of the exchanges that run portfolio margin. */
export const SEEDED_TERMS: MarginTerms = {
  maintenanceLossFactor: 800_000n,
  initialLossFactor: PPM,
  maintenancePerpetual: 15_000n,
  initialPerpetual: 20_000n,
  maintenanceNakedShort: 3_000n,
  initialNakedShort: 5_000n,
  shortOptionMinimum: 10_000n,
  basis: 5_000n,
};

/** A reproducible book: every kind of series, both signs, collateral of several arrays and of none. */
export function seededBook(seed: number, options: SeededBookOptions = {}): SeededBook {
  const { size = SIZES.full, underlyings = [0, 1, 0, 2] } = options;
  const draws = seededDraws(seed);
  const between = (minimum: number, maximum: number): bigint => BigInt(draws.integer(minimum, maximum));
  const arrays = Array.from({ length: ARRAY_COUNT }, (_, a) => {
    const underlying = underlyings[a];
    return underlying === undefined
      ? undefined
      : seededArray(underlying, size, seededDraws(100 * seed + underlying), a);
  });
  const joint: JointStatesParameters = {
    multiple: between(5_000_000, 20_000_000),
    volatilities: SPOTS.map(() => between(3_000, 15_000)),
    correlations: SPOTS.map(() => between(-600_000, 950_000)),
    arrays: arrays.map((array) => array && { underlying: array.market.underlying, step: array.terms.step }),
  };
  const chosen = shuffled(listedSeries(arrays), draws).slice(0, options.positions ?? size.positions);
  const positions = seededPositions(chosen, arrays, draws);
  const collateral = Array.from({ length: LANE_COUNT }, (_, lane): Collateral => {
    const array = lane < ARRAY_COUNT && arrays[lane] !== undefined ? lane : undefined;
    const price = array === undefined ? PPT + between(-5_000, 5_000) * PPM : (arrays[array]?.market.spot ?? PPT);
    const balance = draws.uniform() < 0.5 ? 0n : (between(0, 300_000) * PPM * PPT) / price;
    return { balance, price, haircut: between(0, 200_000), slope: between(0, 50_000), array };
  });
  return {
    arrays,
    terms: SEEDED_TERMS,
    joint,
    jointLevels: jointStates(joint),
    account: { positions, cash: between(-300_000, 400_000) * PPM, collateral },
  };
}

/**
 * More accounts of a book's market, one after the other: the book's own, some with fewer positions, of at most as many
 * different series as one proof of solvency opens.
 */
export function seededAccounts(
  seed: number,
  book: SeededBook,
  count: number,
  size: Size = SIZES.full,
): AccountHoldings[] {
  const draws = seededDraws(7_000 + seed);
  const { positions, cash, collateral } = book.account;
  const own = positions.map(({ series }) => series);
  const others = shuffled(listedSeries(book.arrays), draws).filter((series) => !own.includes(series));
  const traded = [...own, ...others].slice(0, size.heldSeries);
  const first = { positions, cash, balances: collateral.map(({ balance }) => balance) };
  return Array.from({ length: count }, (_, k) => {
    if (k === 0) return first;
    const chosen = shuffled(traded, draws).slice(0, draws.integer(0, size.positions));
    return {
      positions: seededPositions(chosen, book.arrays, draws),
      cash: BigInt(draws.integer(-300_000, 400_000)) * PPM,
      balances: collateral.map(({ price }) =>
        draws.uniform() < 0.5 ? 0n : (BigInt(draws.integer(0, 300_000)) * PPM * PPT) / price,
      ),
    };
  });
}

const listedSeries = (arrays: SeededBook["arrays"]): number[] =>
  arrays.flatMap((array, a) =>
    array === undefined ? [] : array.series.map((_, place) => SERIES_PER_ARRAY * a + place),
  );

/** Worth up to 200,000 dollars of the underlying each, either way. */
const seededPositions = (chosen: readonly number[], arrays: SeededBook["arrays"], draws: SeededDraws): Position[] =>
  chosen
    .toSorted((one, other) => one - other)
    .map((series): Position => {
      const { spot } = (arrays[Math.floor(series / SERIES_PER_ARRAY)] as RiskArrayInputs).market;
      return { series, quantity: (BigInt(draws.integer(-200_000, 200_000)) * PPM * PPT) / spot };
    });

function seededArray(underlying: number, size: Size, draws: SeededDraws, place: number): RiskArrayInputs {
  const spot = SPOTS[underlying] as bigint;
  const between = (minimum: number, maximum: number): bigint => BigInt(draws.integer(minimum, maximum));
  const step = between(40_000, 90_000);
  // kin list other series under the same market
  const first = Number(between(0, 2)) + place;
  const series = Array.from({ length: size.series }, (_, k): SeriesTerms => {
    const kind = (["perpetual", "call", "put"] as const)[(first + k) % 3]!;
    if (kind === "perpetual") return { ...vacantPlace(spot), basis: between(-500, 500) };
    const slot = draws.integer(0, SLOT_SECONDS.length - 1);
    return {
      kind,
      expirySlot: slot + 1,
      basis: between(-3_000, 9_000),
      volatility: between(350_000, 1_100_000) * PPM,
      seconds: SLOT_SECONDS[slot] as bigint,
      strike: (spot * between(80, 125)) / 100n,
    };
  });
  return {
    market: { spot, time: 1_790_000_000n, underlying },
    terms: { version: 1n, step, upShock: 500_000n, downShock: 250_000n, minimumUpVolatility: 450_000n },
    series,
  };
}

function shuffled<T>(values: readonly T[], draws: SeededDraws): T[] {
  const keyed = values.map((value) => ({ value, key: draws.uniform() }));
  return keyed.toSorted((one, other) => one.key - other.key).map(({ value }) => value);
}
