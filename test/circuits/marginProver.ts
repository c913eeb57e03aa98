/** A prover that cheats about the margin of accounts, in the small size. */
import { expect } from "vitest";
import type { Position } from "../../sdk/src/model/margin/index.ts";
import { seededBook } from "../../sdk/src/model/margin/seededBook.ts";
import { placeNumber, placeSigned } from "../../sdk/src/numbers.ts";
import { LANE_BITS, MARGIN_RESULT, MARGIN_TERMS, type MarginTerm, SIZES } from "../../sdk/src/protocol.ts";
import {
  type MarginFacts,
  type MarginParameters,
  marginFacts,
  marginInput,
  marginStatement,
  riskArrayFacts,
  type Statement,
} from "../../sdk/src/statements/index.ts";
import { statedInputs } from "./statedInputs.ts";

export const size = SIZES.small;
export const TIMEOUT = 240_000;

export type Inputs = ReturnType<typeof marginInput>;

export function parametersOf(seed: number, options: Parameters<typeof seededBook>[1] = {}): MarginParameters {
  const book = seededBook(seed, { size, ...options });
  const arrays = book.arrays.map((array) => array && riskArrayFacts(array, size));
  return { ...book, arrays, level: "maintenance" };
}

export const honest = (parameters: MarginParameters): { facts: MarginFacts; input: Inputs; statement: Statement } => {
  const { facts } = marginFacts(parameters, size);
  const statement = marginStatement(facts, size);
  return { facts, input: marginInput(facts, statement, size), statement };
};

export const WORDS = [
  "positions",
  "cash",
  "collateral",
  "collateralPrices",
  "collateralHaircuts",
  "collateralSlopes",
  "collateralArrays",
  "marginTerms",
  "jointStates",
  "result",
  "greeks",
] as const;

export const { ready: marginProver, witnessOf, violationsOf } = statedInputs<Inputs>("margin", WORDS);

export const big = (value: unknown): bigint => BigInt(value as string);
/** Adds to a word at a bit. */
export const moved = (word: unknown, bit: number, change: bigint): string =>
  String(big(word) + (change << BigInt(bit)));
export const laneBit = (lane: number): number => LANE_BITS * lane;
export const term = (name: MarginTerm): number => laneBit(MARGIN_TERMS.indexOf(name));
export const result = (name: keyof typeof MARGIN_RESULT): number => laneBit(MARGIN_RESULT[name]);
export const only = (violated: string[], pattern: RegExp): void => {
  expect(violated).not.toEqual([]);
  for (const path of violated) expect(path).toMatch(pattern);
};

export const truth = honest(parametersOf(1));
export const { account } = parametersOf(1);

/** The same account with other positions, in any order and number; the model is not asked. */
export function placed(positions: readonly (Position | undefined)[]): Partial<Inputs> {
  const { arrays } = parametersOf(1);
  const word = positions.reduce((sum, position, place) => {
    const lane = 4 * place;
    return (
      sum +
      placeNumber("lane", lane, BigInt((position?.series ?? -1) + 1)) +
      placeSigned("triple", lane + 1, position?.quantity ?? 0n)
    );
  }, 0n);
  const series = positions.map((position) => {
    const array = arrays[Math.floor((position?.series ?? 0) / 16)]!;
    const place = (position?.series ?? 0) % 16;
    return { terms: array.seriesTerms[place]!, values: array.seriesValues[place]! };
  });
  return {
    positions: [String(word)],
    seriesTerms: series.map(({ terms }) => String(terms)),
    seriesValues: series.map(({ values }) => values.map(String)),
  };
}
