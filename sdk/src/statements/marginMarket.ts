import { unpackLanes } from "../lanes.ts";
import {
  arrayOf,
  type CollateralTerms,
  type MarginMarket,
  packJointStates,
  SERIES_PER_ARRAY,
  unpackJointStates,
} from "../model/margin/index.ts";
import { numbersPerWord, packSignedNumbers, unpackNumbers } from "../numbers.ts";
import { ARRAY_COUNT, SERIES_VALUE_WORDS, type Size } from "../protocol.ts";
import { type ArrayWords, arrayCommitmentOf, marginArrayOf, seriesLeafOf } from "./arrayWords.ts";
import { packCollateralTerms, packMarginTerms, unpackMarginTerms } from "./marginWords.ts";

/** What every account of an epoch is judged by: words of lanes, and the arrays behind the commitments. */
export type MarginMarketFacts = {
  readonly collateralPrices: readonly bigint[];
  readonly collateralHaircuts: bigint;
  readonly collateralSlopes: bigint;
  readonly collateralArrays: bigint;
  readonly marginTerms: bigint;
  readonly jointStates: readonly bigint[];
  /** the words of each array [4]; undefined: no array */
  readonly arrays: readonly (ArrayWords | undefined)[];
};

/** What every margin over one market follows from. */
export type MarketParameters = Pick<MarginMarket, "terms" | "jointLevels"> & Pick<MarginMarketFacts, "arrays">;

/** The market of these arrays. */
export const marketOf = ({ arrays, terms, jointLevels }: MarketParameters): MarginMarket => ({
  arrays: arrays.map((array) => array && marginArrayOf(array)),
  terms,
  jointLevels,
});

/** The market behind the words of a statement and its arrays. */
export const marginMarketOf = (
  facts: Pick<MarginMarketFacts, "marginTerms" | "jointStates" | "arrays">,
): MarginMarket =>
  marketOf({
    arrays: facts.arrays,
    terms: unpackMarginTerms(facts.marginTerms),
    jointLevels: unpackJointStates(facts.jointStates),
  });

/** What a statement says of the market, and of what each lane of collateral counts for. */
export const marketFacts = (
  { arrays, terms, jointLevels }: MarketParameters,
  collateral: readonly CollateralTerms[],
): MarginMarketFacts => ({
  ...packCollateralTerms(collateral),
  marginTerms: packMarginTerms(terms),
  jointStates: packJointStates(jointLevels),
  arrays: Array.from({ length: ARRAY_COUNT }, (_, a) => arrays[a]),
});

/** What each lane of collateral counts for. */
export function collateralTermsOf(
  facts: Pick<MarginMarketFacts, "collateralPrices" | "collateralHaircuts" | "collateralSlopes" | "collateralArrays">,
): CollateralTerms[] {
  const [haircuts, slopes, arrays] = [facts.collateralHaircuts, facts.collateralSlopes, facts.collateralArrays].map(
    (word) => unpackLanes(word),
  ) as [bigint[], bigint[], bigint[]];
  return unpackNumbers("quad", facts.collateralPrices).map((price, lane) => ({
    price,
    haircut: haircuts[lane] as bigint,
    slope: slopes[lane] as bigint,
    array: arrays[lane] === 0n ? undefined : Number(arrays[lane]) - 1,
  }));
}

/** The market's words of lanes in the order of every statement that has them. */
export const marketWordsOf = (facts: MarginMarketFacts): bigint[] => [
  ...facts.collateralPrices,
  facts.collateralHaircuts,
  facts.collateralSlopes,
  facts.collateralArrays,
  facts.marginTerms,
  ...facts.jointStates,
];

/** The statement's commitments: 0 where there is no array. */
export const arrayCommitmentsOf = ({ arrays }: Pick<MarginMarketFacts, "arrays">): bigint[] =>
  arrays.map((array) => (array === undefined ? 0n : arrayCommitmentOf(array)));

const strings = (words: readonly bigint[]): string[] => words.map(String);

/** The circuit's inputs about the market: its words, and the opened arrays. */
export function marketInput(facts: MarginMarketFacts, size: Size) {
  const { arrays } = facts;
  const none = new Array<bigint>(size.series).fill(0n);
  return {
    collateralPrices: strings(facts.collateralPrices),
    collateralHaircuts: String(facts.collateralHaircuts),
    collateralSlopes: String(facts.collateralSlopes),
    collateralArrays: String(facts.collateralArrays),
    marginTerms: String(facts.marginTerms),
    jointStates: strings(facts.jointStates),
    listed: arrays.map((array) => (array === undefined ? "0" : "1")),
    stateSets: arrays.map((array) => String(array?.stateSet ?? 0n)),
    scenarioTerms: arrays.map((array) => String(array?.scenarioTerms ?? 0n)),
    markets: arrays.map((array) => String(array?.market ?? 0n)),
    leaves: arrays.map((array) =>
      strings(array?.seriesTerms.map((terms, k) => seriesLeafOf(terms, array.seriesValues[k] ?? [])) ?? none),
    ),
  };
}

/** Values of a place without a series, each 0. Of what stands there the circuit asks only that of every array: no change where nothing changes. */
const NO_VALUES = packSignedNumbers("pair", new Array<bigint>(SERIES_VALUE_WORDS * numbersPerWord("pair")).fill(0n));

/** The circuit's inputs about the series that it opens, in this order. */
export function heldSeriesInput(
  { arrays }: Pick<MarginMarketFacts, "arrays">,
  series: readonly number[],
  count: number,
) {
  const words = Array.from({ length: count }, (_, place) => {
    const number = series[place];
    const array = number === undefined ? undefined : arrays[arrayOf(number)];
    const at = (number ?? 0) % SERIES_PER_ARRAY;
    return { terms: array?.seriesTerms[at] ?? 0n, values: array?.seriesValues[at] ?? NO_VALUES };
  });
  return {
    seriesTerms: words.map(({ terms }) => String(terms)),
    seriesValues: words.map(({ values }) => strings(values)),
  };
}
