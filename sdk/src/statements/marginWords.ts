import { packLanes, unpackLanes } from "../lanes.ts";
import {
  type CollateralTerms,
  type MarginAccount,
  type MarginTerms,
  NO_COLLATERAL_TERMS,
  type SolvencyTotals,
  TooMany,
} from "../model/margin/index.ts";
import { packNumbers, packWord, placeSigned, readNumber, readSigned, unpackSignedNumbers } from "../numbers.ts";
import {
  ARRAY_COUNT,
  GREEKS,
  LANE_COUNT,
  MARGIN_LEVELS,
  MARGIN_RESULT,
  MARGIN_TERMS,
  type MarginLevel,
  POSITIONS_PER_WORD,
  SIZES,
  type Size,
  SOLVENCY_TOTALS,
  TRIPLE_LANES,
} from "../protocol.ts";

const LANES_PER_POSITION = 1 + TRIPLE_LANES;

/** The words `positions`; places without one hold series 0 and the value 0. */
export function packPositions(positions: MarginAccount["positions"], size: Size = SIZES.full): bigint[] {
  if (positions.length > size.positions) throw new TooMany("positions", positions.length, size.positions);
  const places = Array.from({ length: size.positions }, (_, place) => positions[place]);
  return Array.from({ length: Math.ceil(size.positions / POSITIONS_PER_WORD) }, (_, word) =>
    packWord(
      places.slice(word * POSITIONS_PER_WORD, (word + 1) * POSITIONS_PER_WORD).flatMap((position, place) => [
        { kind: "lane", lane: place * LANES_PER_POSITION, value: BigInt((position?.series ?? -1) + 1) },
        {
          kind: "triple",
          lane: place * LANES_PER_POSITION + 1,
          value: position?.quantity ?? 0n,
          signed: true,
        },
      ]),
    ),
  );
}

/** The positions behind the words, places without one left out. */
export function unpackPositions(words: readonly bigint[], size: Size = SIZES.full): MarginAccount["positions"] {
  return Array.from({ length: size.positions }, (_, place) => {
    const word = words[Math.floor(place / POSITIONS_PER_WORD)] as bigint;
    const lane = (place % POSITIONS_PER_WORD) * LANES_PER_POSITION;
    const series = Number(readNumber("lane", lane, word)) - 1;
    return { series, quantity: readSigned("triple", lane + 1, word) };
  }).filter(({ series }) => series >= 0);
}

/** {ppm of a dollar} signed */
export const packCash = (cash: bigint): bigint => placeSigned("triple", 0, cash);

/** {ppm of a token} of each lane */
export function packBalances(balances: readonly bigint[]): bigint[] {
  if (balances.length > LANE_COUNT) throw new TooMany("balances", balances.length, LANE_COUNT);
  return packNumbers(
    "triple",
    Array.from({ length: LANE_COUNT }, (_, lane) => balances[lane] ?? 0n),
  );
}

/** What the lanes of collateral count for, in the words of the statement. */
export function packCollateralTerms(collateral: readonly CollateralTerms[]) {
  if (collateral.length > LANE_COUNT) throw new TooMany("lanes of collateral", collateral.length, LANE_COUNT);
  const lanes = Array.from({ length: LANE_COUNT }, (_, lane) => collateral[lane] ?? NO_COLLATERAL_TERMS);
  const all = <T>(read: (lane: CollateralTerms) => T): T[] => lanes.map(read);
  return {
    collateralPrices: packNumbers(
      "quad",
      all(({ price }) => price),
    ),
    collateralHaircuts: packLanes(all(({ haircut }) => haircut)),
    collateralSlopes: packLanes(all(({ slope }) => slope)),
    collateralArrays: packLanes(all(({ array }) => BigInt((array ?? -1) + 1))),
  };
}

/** The word of margin terms, one lane {ppm} each, in the order of `MARGIN_TERMS`. */
export const packMarginTerms = (terms: MarginTerms): bigint => packLanes(MARGIN_TERMS.map((term) => terms[term]));
export const unpackMarginTerms = (word: bigint): MarginTerms => {
  const lanes = unpackLanes(word);
  return Object.fromEntries(MARGIN_TERMS.map((term, lane) => [term, lanes[lane]])) as MarginTerms;
};

/** What the word `result` says {ppm of a dollar}. */
export type MarginResult = {
  readonly equity: bigint;
  readonly maintenanceMargin: bigint;
  readonly initialMargin: bigint;
  readonly level: MarginLevel;
  readonly healthy: boolean;
};

/** @throws NumberOutOfRange where a figure passes what its triple holds: no proof exists for it */
export const packMarginResult = (result: MarginResult): bigint =>
  packWord([
    { kind: "triple", lane: MARGIN_RESULT.equity, value: result.equity, signed: true },
    { kind: "triple", lane: MARGIN_RESULT.maintenanceMargin, value: result.maintenanceMargin },
    { kind: "triple", lane: MARGIN_RESULT.initialMargin, value: result.initialMargin },
    { kind: "lane", lane: MARGIN_RESULT.level, value: BigInt(MARGIN_LEVELS.indexOf(result.level)) },
    { kind: "lane", lane: MARGIN_RESULT.healthy, value: result.healthy ? 1n : 0n },
  ]);

/** What the word `result` of a margin statement says {ppm of a dollar}. */
export const unpackMarginResult = (word: bigint): MarginResult => ({
  equity: readSigned("triple", MARGIN_RESULT.equity, word),
  maintenanceMargin: readNumber("triple", MARGIN_RESULT.maintenanceMargin, word),
  initialMargin: readNumber("triple", MARGIN_RESULT.initialMargin, word),
  level: MARGIN_LEVELS[Number(readNumber("lane", MARGIN_RESULT.level, word))] ?? "maintenance",
  healthy: readNumber("lane", MARGIN_RESULT.healthy, word) === 1n,
});

/** @throws NumberOutOfRange where a sum passes what its triple holds: no proof exists for it */
export const packSolvencyTotals = (totals: SolvencyTotals): bigint =>
  packWord([
    { kind: "triple", lane: SOLVENCY_TOTALS.equity, value: totals.equity, signed: true },
    { kind: "triple", lane: SOLVENCY_TOTALS.maintenanceMargin, value: totals.maintenanceMargin },
    { kind: "triple", lane: SOLVENCY_TOTALS.initialMargin, value: totals.initialMargin },
    { kind: "triple", lane: SOLVENCY_TOTALS.shortfall, value: totals.shortfall },
  ]);

export const unpackSolvencyTotals = (word: bigint): SolvencyTotals => ({
  equity: readSigned("triple", SOLVENCY_TOTALS.equity, word),
  maintenanceMargin: readNumber("triple", SOLVENCY_TOTALS.maintenanceMargin, word),
  initialMargin: readNumber("triple", SOLVENCY_TOTALS.initialMargin, word),
  shortfall: readNumber("triple", SOLVENCY_TOTALS.shortfall, word),
});

/** {ppm of a dollar} [delta, gamma, vega][4] */
export const unpackGreeks = (words: readonly bigint[]): bigint[][] =>
  GREEKS.map((_, greek) => unpackSignedNumbers("triple", [words[greek] as bigint], ARRAY_COUNT));
