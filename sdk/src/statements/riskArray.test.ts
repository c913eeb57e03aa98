import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seriesValues } from "../model/pricing/index.ts";
import { type RiskArrayInputs, SeriesCountWrong, vacantPlace } from "../model/riskArray.ts";
import { SIZES, type SizeName, statementLength } from "../protocol.ts";
import {
  arrayCommitmentOf,
  marginArrayOf,
  packSeriesValues,
  seriesLeafOf,
  unpackMarket,
  unpackScenarioTerms,
  unpackSeriesTerms,
  unpackSeriesValues,
} from "./arrayWords.ts";
import { riskArrayFacts, riskArrayInput, riskArrayStatement } from "./riskArray.ts";
import { STATE_SET, stateSetText } from "./stateSet.ts";

const vectors = JSON.parse(readFileSync(new URL("../../../test/vectors/risk-array.json", import.meta.url), "utf8"));
const integers = (texts: string[]): bigint[] => texts.map(BigInt);

/** What a contract's words of an array say, to price it again. */
const inputsOf = (words: bigint[], series: number): RiskArrayInputs => ({
  market: unpackMarket(words[2] as bigint),
  terms: unpackScenarioTerms(words[1] as bigint),
  series: words.slice(3, 3 + series).map(unpackSeriesTerms),
});

describe("vectors/risk-array.json", () => {
  it("default: whole series from their words", () => {
    expect(vectors.series.length).toBeGreaterThanOrEqual(40);
    for (const entry of vectors.series) {
      const { spot } = unpackMarket(BigInt(entry.market));
      const terms = unpackScenarioTerms(BigInt(entry.scenarioTerms));
      const values = seriesValues(spot, unpackSeriesTerms(BigInt(entry.seriesTerms)), terms);
      expect(packSeriesValues(values)).toEqual(integers(entry.seriesValues));
      expect(unpackSeriesValues(integers(entry.seriesValues))).toEqual(values);
      expect(seriesLeafOf(BigInt(entry.seriesTerms), integers(entry.seriesValues))).toBe(BigInt(entry.leaf));
      expect(values.riskArray).toEqual(integers(entry.riskArray));
      expect(values.mark).toBe(BigInt(entry.mark));
    }
  });
  it.each(Object.keys(SIZES) as SizeName[])("default: an array of size %s", (name) => {
    const size = SIZES[name];
    const entry = vectors.arrays.find((array: { size: string }) => array.size === name);
    const texts: string[] = entry.words;
    const words = integers(texts);
    expect(words).toHaveLength(statementLength("riskArray", size));
    const facts = riskArrayFacts(inputsOf(words, size.series), size);
    const statement = riskArrayStatement(facts, size);
    expect(statement.words).toEqual(words);
    expect(arrayCommitmentOf(facts)).toBe(words.at(-1));
    expect([statement.commitment, statement.challenge, statement.evaluation]).toEqual(
      integers([entry.commitment, entry.challenge, entry.evaluation]),
    );
    const input = riskArrayInput(facts, statement);
    const { seriesTerms, seriesValues: values } = input;
    expect([input.stateSet, input.scenarioTerms, input.market, ...seriesTerms, ...values]).toEqual(texts.slice(0, -1));
    expect(marginArrayOf(facts).series).toHaveLength(size.series);
  });
  it("behavior: words beyond the bounds have no values", () => {
    const { spot } = unpackMarket(BigInt(vectors.series[0].market));
    for (const { seriesTerms, scenarioTerms, error } of vectors.refused) {
      const price = () =>
        seriesValues(spot, unpackSeriesTerms(BigInt(seriesTerms)), unpackScenarioTerms(BigInt(scenarioTerms)));
      expect(price).toThrow(expect.objectContaining({ name: error }));
    }
    expect(vectors.refused).toHaveLength(8);
  });
  it("behavior: every value is in the commitment", () => {
    const size = SIZES.small;
    const [, small] = vectors.arrays;
    const facts = riskArrayFacts(inputsOf(integers(small.words), size.series), size);
    const before = arrayCommitmentOf(facts);
    for (const [k, row] of facts.seriesValues.entries()) {
      for (let word = 0; word < row.length; word++) {
        const changed = facts.seriesValues.with(k, row.with(word, (row[word] as bigint) + 1n));
        expect(arrayCommitmentOf({ ...facts, seriesValues: changed })).not.toBe(before);
      }
    }
    for (const name of ["stateSet", "scenarioTerms", "market"] as const) {
      expect(arrayCommitmentOf({ ...facts, [name]: facts[name] + 1n })).not.toBe(before);
    }
  });
  it("behavior: a vacant place is a perpetual at the spot", () => {
    const [full] = vectors.arrays;
    const inputs = inputsOf(integers(full.words), 16);
    expect(inputs.series[15]).toEqual(vacantPlace(inputs.market.spot));
  });
  it("error: SeriesCountWrong", () => {
    const [full] = vectors.arrays;
    const inputs = inputsOf(integers(full.words), 16);
    expect(() => riskArrayFacts({ ...inputs, series: inputs.series.slice(1) })).toThrow(SeriesCountWrong);
  });
});

describe("STATE_SET", () => {
  it("default: names one table of 31 states", () => {
    const lines = stateSetText().split("\n");
    expect(lines).toHaveLength(32);
    expect(lines[1]).toBe("999997 999994 0 1/1");
    expect(lines[22]).toBe("340000 340000 2 3/3300000");
    expect(STATE_SET).toBe(BigInt(vectors.arrays[0].words[0]));
    expect(STATE_SET).toBeLessThan(1n << 252n);
  });
});
