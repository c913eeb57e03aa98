import { packLanes, unpackLanes } from "../lanes.ts";
import type { MarginArray, MarginSeries } from "../model/margin/account.ts";
import type { SeriesValues } from "../model/pricing/seriesValues.ts";
import type { ArrayMarket, ScenarioTerms, SeriesTerms } from "../model/pricing/terms.ts";
import { packSignedNumbers, packWord, readNumber, readSigned, unpackSignedNumbers } from "../numbers.ts";
import {
  LANE_COUNT,
  MARKET,
  PAIR_LANES,
  SCENARIO_TERMS,
  SERIES_FIGURES,
  SERIES_KINDS,
  SERIES_TERMS,
  SERIES_VALUE_WORDS,
  STATE_COUNT,
} from "../protocol.ts";
import { sponge } from "./sponge.ts";

/** The words behind an array's commitment, in the order of a riskArray statement: docs/clearing.md, A-4. */
export type ArrayWords = {
  readonly stateSet: bigint;
  readonly scenarioTerms: bigint;
  readonly market: bigint;
  readonly seriesTerms: readonly bigint[];
  /** [series][6] */
  readonly seriesValues: readonly (readonly bigint[])[];
};

/** A kind of series that is none. */
export class SeriesKindUnknown extends Error {
  override name = "SeriesKindUnknown";
  constructor(kind: bigint) {
    super(`kind ${kind} of a series; there are 0 to ${SERIES_KINDS.length - 1}: read the word again from its source`);
  }
}

/** The word of a series: its kind, and what B prices it by. */
export const packSeriesTerms = (terms: SeriesTerms): bigint =>
  packWord([
    { kind: "lane", lane: SERIES_TERMS.kind, value: BigInt(SERIES_KINDS.indexOf(terms.kind)) },
    { kind: "lane", lane: SERIES_TERMS.expirySlot, value: BigInt(terms.expirySlot) },
    { kind: "lane", lane: SERIES_TERMS.basis, value: terms.basis, signed: true },
    { kind: "pair", lane: SERIES_TERMS.volatility, value: terms.volatility },
    { kind: "pair", lane: SERIES_TERMS.seconds, value: terms.seconds },
    { kind: "quad", lane: SERIES_TERMS.strike, value: terms.strike },
  ]);

export function unpackSeriesTerms(word: bigint): SeriesTerms {
  const kind = SERIES_KINDS[Number(readNumber("lane", SERIES_TERMS.kind, word))];
  if (kind === undefined) throw new SeriesKindUnknown(readNumber("lane", SERIES_TERMS.kind, word));
  return {
    kind,
    expirySlot: Number(readNumber("lane", SERIES_TERMS.expirySlot, word)),
    basis: readSigned("lane", SERIES_TERMS.basis, word),
    volatility: readNumber("pair", SERIES_TERMS.volatility, word),
    seconds: readNumber("pair", SERIES_TERMS.seconds, word),
    strike: readNumber("quad", SERIES_TERMS.strike, word),
  };
}

/** The word of an array's market: spot {ppt of a dollar}, time {s} and the underlying's lane. */
export const packMarket = (market: ArrayMarket): bigint =>
  packWord([
    { kind: "quad", lane: MARKET.spot, value: market.spot },
    { kind: "pair", lane: MARKET.time, value: market.time },
    { kind: "lane", lane: MARKET.underlying, value: BigInt(market.underlying) },
  ]);

export const unpackMarket = (word: bigint): ArrayMarket => ({
  spot: readNumber("quad", MARKET.spot, word),
  time: readNumber("pair", MARKET.time, word),
  underlying: Number(readNumber("lane", MARKET.underlying, word)),
});

/** The word of an array's scenario terms, one lane each, in the order of `SCENARIO_TERMS`. */
export const packScenarioTerms = (terms: ScenarioTerms): bigint => packLanes(SCENARIO_TERMS.map((name) => terms[name]));
export const unpackScenarioTerms = (word: bigint): ScenarioTerms => {
  const lanes = unpackLanes(word);
  return Object.fromEntries(SCENARIO_TERMS.map((name, lane) => [name, lanes[lane]])) as ScenarioTerms;
};

/** The six words of a series' values. */
export const packSeriesValues = (values: SeriesValues): bigint[] =>
  packSignedNumbers("pair", [...values.riskArray, ...SERIES_FIGURES.map((figure) => values[figure])]);

/** A series' values from their words: docs/clearing.md, B-6 to B-9. */
export function unpackSeriesValues(words: readonly bigint[]): SeriesValues {
  const pairs = unpackSignedNumbers("pair", words, SERIES_VALUE_WORDS * (LANE_COUNT / PAIR_LANES));
  const [mark, delta, gamma, vega, errorBound] = pairs.slice(STATE_COUNT) as [bigint, bigint, bigint, bigint, bigint];
  return { riskArray: pairs.slice(0, STATE_COUNT), mark, delta, gamma, vega, errorBound };
}

/** leaf[k] of A-5. */
export const seriesLeafOf = (seriesTerms: bigint, seriesValues: readonly bigint[]): bigint =>
  sponge("series", [seriesTerms, ...seriesValues]);

/** The commitment of A-5, from an array's words. */
export const arrayCommitmentOf = (words: ArrayWords): bigint =>
  sponge("riskArray", [
    words.stateSet,
    words.scenarioTerms,
    words.market,
    ...words.seriesTerms.map((terms, k) => seriesLeafOf(terms, words.seriesValues[k] ?? [])),
  ]);

/** What margin reads of an array's words. */
export function marginArrayOf(words: ArrayWords): MarginArray {
  const { spot, underlying } = unpackMarket(words.market);
  const { step } = unpackScenarioTerms(words.scenarioTerms);
  const series = words.seriesTerms.map((word, k): MarginSeries => {
    const { kind, expirySlot, basis, strike } = unpackSeriesTerms(word);
    return { kind, expirySlot, basis, strike, ...unpackSeriesValues(words.seriesValues[k] ?? []) };
  });
  return { underlying, spot, step, series };
}
