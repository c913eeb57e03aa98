import { unpackLanes } from "../lanes.ts";
import {
  type AccountMargin,
  accountMargin,
  arrayOf,
  type MarginAccount,
  type MarginMarket,
  type MarginTerms,
  packJointStates,
  SERIES_PER_ARRAY,
  unpackJointStates,
} from "../model/margin/index.ts";
import { packSignedNumbers, readSigned, unpackNumbers } from "../numbers.ts";
import { ARRAY_COUNT, GREEKS, type MarginLevel, SERIES_VALUE_WORDS, SIZES, type Size } from "../protocol.ts";
import { type ArrayWords, arrayCommitmentOf, marginArrayOf, seriesLeafOf } from "./arrayWords.ts";
import {
  packCash,
  packCollateral,
  packMarginResult,
  packMarginTerms,
  packPositions,
  unpackMarginTerms,
  unpackPositions,
} from "./marginWords.ts";
import { type Statement, statementOf } from "./statement.ts";

/** What a margin statement says: words of lanes, and the arrays behind the commitments. */
export type MarginFacts = {
  readonly positions: readonly bigint[];
  readonly cash: bigint;
  readonly collateral: readonly bigint[];
  readonly collateralPrices: readonly bigint[];
  readonly collateralHaircuts: bigint;
  readonly collateralSlopes: bigint;
  readonly collateralArrays: bigint;
  readonly marginTerms: bigint;
  readonly jointStates: readonly bigint[];
  readonly result: bigint;
  readonly greeks: readonly bigint[];
  /** the words of each array [4]; undefined: no array */
  readonly arrays: readonly (ArrayWords | undefined)[];
};

/** The market behind the words of a statement and its arrays. */
export const marginMarketOf = (facts: Pick<MarginFacts, "marginTerms" | "jointStates" | "arrays">): MarginMarket => ({
  arrays: facts.arrays.map((array) => array && marginArrayOf(array)),
  terms: unpackMarginTerms(facts.marginTerms),
  jointLevels: unpackJointStates(facts.jointStates),
});

/** The account behind the words of a statement. */
export function marginAccountOf(
  facts: Pick<
    MarginFacts,
    | "positions"
    | "cash"
    | "collateral"
    | "collateralPrices"
    | "collateralHaircuts"
    | "collateralSlopes"
    | "collateralArrays"
  >,
  size: Size = SIZES.full,
): MarginAccount {
  const prices = unpackNumbers("quad", facts.collateralPrices);
  const [haircuts, slopes, arrays] = [facts.collateralHaircuts, facts.collateralSlopes, facts.collateralArrays].map(
    (word) => unpackLanes(word),
  ) as [bigint[], bigint[], bigint[]];
  return {
    positions: unpackPositions(facts.positions, size),
    cash: readSigned("triple", 0, facts.cash),
    collateral: unpackNumbers("triple", facts.collateral).map((balance, lane) => ({
      balance,
      price: prices[lane] as bigint,
      haircut: haircuts[lane] as bigint,
      slope: slopes[lane] as bigint,
      array: arrays[lane] === 0n ? undefined : Number(arrays[lane]) - 1,
    })),
  };
}

/** An account and all that its margin follows from. */
export type MarginParameters = {
  readonly account: MarginAccount;
  readonly terms: MarginTerms;
  /** J-2 [32] */
  readonly jointLevels: readonly number[];
  /** [4] */
  readonly arrays: readonly (ArrayWords | undefined)[];
  /** the requirement that `healthy` speaks of */
  readonly level: MarginLevel;
};

/**
 * The margin of an account, and what a statement says of it.
 * @throws what `accountMargin` and the packing of words throw
 */
export function marginFacts(
  { account, terms, jointLevels, arrays, level }: MarginParameters,
  size: Size = SIZES.full,
): { readonly margin: AccountMargin; readonly facts: MarginFacts } {
  const market: MarginMarket = { arrays: arrays.map((array) => array && marginArrayOf(array)), terms, jointLevels };
  const margin = accountMargin(account, market);
  const { equity, maintenanceMargin, initialMargin, excess, greeks } = margin;
  return {
    margin,
    facts: {
      positions: packPositions(account.positions, size),
      cash: packCash(account.cash),
      ...packCollateral(account.collateral),
      marginTerms: packMarginTerms(terms),
      jointStates: packJointStates(jointLevels),
      result: packMarginResult({ equity, maintenanceMargin, initialMargin, level, healthy: excess[level] >= 0n }),
      greeks: GREEKS.flatMap((greek) => packSignedNumbers("triple", greeks[greek])),
      arrays: Array.from({ length: ARRAY_COUNT }, (_, a) => arrays[a]),
    },
  };
}

/** The statement of an account's margin: docs/clearing.md, G-1. */
export function marginStatement(facts: MarginFacts, size: Size = SIZES.full): Statement {
  const words = [
    ...facts.positions,
    facts.cash,
    ...facts.collateral,
    ...facts.collateralPrices,
    facts.collateralHaircuts,
    facts.collateralSlopes,
    facts.collateralArrays,
    facts.marginTerms,
    ...facts.jointStates,
    facts.result,
    ...facts.greeks,
    ...facts.arrays.map((array) => (array === undefined ? 0n : arrayCommitmentOf(array))),
  ];
  return statementOf("margin", words, size);
}

/**
 * Inputs of the circuit's witness; field elements as decimal strings, as snarkjs takes them. Beside the statement's words:
 * the opened arrays, the words of each position's series, and the worst loss.
 */
export function marginInput(facts: MarginFacts, statement: Statement, size: Size = SIZES.full) {
  const { worst } = accountMargin(marginAccountOf(facts, size), marginMarketOf(facts));
  const strings = (words: readonly bigint[]): string[] => words.map(String);
  const none = new Array<bigint>(size.series).fill(0n);
  const positions = unpackPositions(facts.positions, size);
  const seriesOf = (place: number): { terms: bigint; values: readonly bigint[] } => {
    const position = positions[place];
    const array = position && facts.arrays[arrayOf(position.series)];
    const at = (position?.series ?? 0) % SERIES_PER_ARRAY;
    const values = array?.seriesValues[at] ?? new Array<bigint>(SERIES_VALUE_WORDS).fill(0n);
    return { terms: array?.seriesTerms[at] ?? 0n, values };
  };
  const places = Array.from({ length: size.positions }, (_, place) => seriesOf(place));
  return {
    positions: strings(facts.positions),
    cash: String(facts.cash),
    collateral: strings(facts.collateral),
    collateralPrices: strings(facts.collateralPrices),
    collateralHaircuts: String(facts.collateralHaircuts),
    collateralSlopes: String(facts.collateralSlopes),
    collateralArrays: String(facts.collateralArrays),
    marginTerms: String(facts.marginTerms),
    jointStates: strings(facts.jointStates),
    result: String(facts.result),
    greeks: strings(facts.greeks),
    listed: facts.arrays.map((array) => (array === undefined ? "0" : "1")),
    stateSets: facts.arrays.map((array) => String(array?.stateSet ?? 0n)),
    scenarioTerms: facts.arrays.map((array) => String(array?.scenarioTerms ?? 0n)),
    markets: facts.arrays.map((array) => String(array?.market ?? 0n)),
    leaves: facts.arrays.map((array) =>
      strings(array?.seriesTerms.map((terms, k) => seriesLeafOf(terms, array.seriesValues[k] ?? [])) ?? none),
    ),
    seriesTerms: places.map(({ terms }) => String(terms)),
    seriesValues: places.map(({ values }) => strings(values)),
    worst: String(worst.loss),
    challenge: String(statement.challenge),
    evaluation: String(statement.evaluation),
  };
}
