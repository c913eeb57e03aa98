import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { packLanes, packSignedLanes, unpackLanes, unpackSignedLanes, WordOutOfRange } from "../lanes.ts";
import { PORTFOLIO, SIZES, type SizeName } from "../protocol.ts";
import { allocate, packAllocation } from "./allocation.ts";
import { checkAllocation } from "./allocationRules.ts";
import { unpackCorrelations } from "./covariance.ts";
import { unpackMandate } from "./mandate.ts";
import { observedReturn, observedReturns, packObservations, unpackObservations } from "./returns.ts";
import { riskFigures } from "./riskState.ts";

const vectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), "utf8"));
// biome-ignore lint/suspicious/noExplicitAny: the shape of a vector is what the test finds out
const casesOf = (name: string): [string, any][] =>
  vectors(name).cases.map((entry: { name: string }) => [entry.name, entry]);
const integers = (texts: string[]): bigint[] => texts.map(BigInt);

describe("vectors/lanes.json", () => {
  const { unsigned, signed, refused } = vectors("lanes");
  it("default: packs and unpacks", () => {
    for (const { lanes, word } of unsigned) {
      expect(packLanes(integers(lanes))).toBe(BigInt(word));
      expect(unpackLanes(BigInt(word))).toEqual(integers(lanes));
    }
    for (const { lanes, word } of signed) {
      expect(packSignedLanes(integers(lanes))).toBe(BigInt(word));
      expect(unpackSignedLanes(BigInt(word))).toEqual(integers(lanes));
    }
  });
  it("error: WordOutOfRange", () => {
    for (const word of refused) expect(() => unpackLanes(BigInt(word))).toThrow(WordOutOfRange);
  });
});

describe("vectors/returns.json", () => {
  const { pairs, windows } = vectors("returns");
  it("default: returns and observation words", () => {
    for (const { before, after, observedReturn: expected } of pairs) {
      expect(observedReturn(BigInt(before), BigInt(after))).toBe(BigInt(expected));
    }
    for (const { prices, observations } of windows) {
      expect(packObservations(observedReturns(prices.map(integers)))).toEqual(integers(observations));
    }
  });
});

describe("vectors/risk-state.json", () => {
  it.each(casesOf("risk-state"))("default: %s", (_, entry) => {
    const { assets, windowLength } = SIZES[entry.size as SizeName];
    expect(entry.observations).toHaveLength(windowLength);
    const figures = riskFigures(unpackObservations(integers(entry.observations), assets));
    expect(figures.triangles).toEqual(entry.triangles.map(integers));
    expect(figures.volatilitiesWord).toBe(BigInt(entry.volatilities));
    expect(figures.correlationsWords).toEqual(integers(entry.correlations));
    expect(unpackCorrelations(integers(entry.correlations), assets)).toEqual(integers(entry.correlationsPpm));
  });
});

describe("vectors/allocation.json", () => {
  it.each(casesOf("allocation"))("default: %s", (_, entry) => {
    const { assets, windowLength } = SIZES[entry.size as SizeName];
    const words = {
      terms: BigInt(entry.mandate.terms),
      budgets: BigInt(entry.mandate.budgets),
      caps: BigInt(entry.mandate.caps),
    };
    const mandate = unpackMandate(words, assets);
    const triangle = integers(entry.triangle);
    const allocation = allocate({ triangle, decayIndex: mandate.decayIndex, mandate, windowLength });
    expect(packAllocation(allocation)).toEqual({
      weights: BigInt(entry.weights),
      portfolio: BigInt(entry.portfolio),
    });
    expect(allocation.kappa).toBe(BigInt(entry.kappa));
    expect(allocation.riskContributions).toEqual(integers(entry.riskContributions));
    const judge = (claim: { weights: string; portfolio: string; kappa: string }) => {
      const lanes = unpackLanes(BigInt(claim.portfolio));
      return checkAllocation({
        triangle,
        mandate,
        windowLength,
        allocation: {
          weights: unpackLanes(BigInt(claim.weights)).slice(0, assets),
          portfolioVolatility: lanes[PORTFOLIO.indexOf("portfolioVolatility")]!,
          exposure: lanes[PORTFOLIO.indexOf("exposure")]!,
          kappa: BigInt(claim.kappa),
        },
      })?.rule;
    };
    expect(judge(entry)).toBeUndefined();
    for (const refused of entry.refused) expect(judge(refused)).toBe(refused.rule);
  });
});
