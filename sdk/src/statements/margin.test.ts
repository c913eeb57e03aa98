import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accountMargin, scenarioMargin, TooMany } from "../model/margin/index.ts";
import { seededBook } from "../model/margin/seededBook.ts";
import { NumberOutOfRange } from "../numbers.ts";
import { ARRAY_COUNT, MARGIN_LEVELS, SCENARIO_COUNT, SERIES_VALUE_WORDS, statementLength } from "../protocol.ts";
import {
  type ArrayWords,
  arrayCommitmentOf,
  type MarginFacts,
  marginAccountOf,
  marginFacts,
  marginMarketOf,
  marginStatement,
  packMarginResult,
  packPositions,
  riskArrayFacts,
  unpackGreeks,
  unpackMarginResult,
  unpackPositions,
} from "./index.ts";

const vectors = JSON.parse(readFileSync(new URL("../../../test/vectors/margin.json", import.meta.url), "utf8"));
const integers = (texts: string[]): bigint[] => texts.map(BigInt);

// biome-ignore lint/suspicious/noExplicitAny: the shape of a vector is what the test finds out
function arrayOf(entry: any): ArrayWords | undefined {
  if (entry.commitment === "0") return undefined;
  const values = integers(entry.seriesValues);
  return {
    stateSet: BigInt(entry.stateSet),
    scenarioTerms: BigInt(entry.scenarioTerms),
    market: BigInt(entry.market),
    seriesTerms: integers(entry.seriesTerms),
    seriesValues: integers(entry.seriesTerms).map((_, k) =>
      values.slice(k * SERIES_VALUE_WORDS, (k + 1) * SERIES_VALUE_WORDS),
    ),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the same
function factsOf(entry: any): MarginFacts {
  const market = vectors.markets[entry.market];
  const word = (name: string): bigint => BigInt(entry[name]);
  const words = (name: string): bigint[] => integers(entry[name]);
  return {
    positions: words("positions"),
    cash: word("cash"),
    collateral: words("collateral"),
    collateralPrices: words("collateralPrices"),
    collateralHaircuts: word("collateralHaircuts"),
    collateralSlopes: word("collateralSlopes"),
    collateralArrays: word("collateralArrays"),
    marginTerms: BigInt(market.marginTerms),
    jointStates: integers(market.jointStates),
    result: word("result"),
    greeks: words("greeks"),
    arrays: market.arrays.map(arrayOf),
  };
}

describe("vectors/margin.json", () => {
  it("default: commitments of the arrays", () => {
    for (const { arrays } of vectors.markets) {
      for (const entry of arrays) {
        const words = arrayOf(entry);
        expect(words === undefined ? 0n : arrayCommitmentOf(words)).toBe(BigInt(entry.commitment));
      }
    }
  });

  // biome-ignore lint/suspicious/noExplicitAny: the same
  const named: [string, any][] = vectors.accounts.map((entry: any) => [`${entry.name}, market ${entry.market}`, entry]);
  it.each(named)("default: %s", (_, entry) => {
    const facts = factsOf(entry);
    const [account, market] = [marginAccountOf(facts), marginMarketOf(facts)];
    const margin = accountMargin(account, market);
    expect(margin.scenarioProfits).toEqual(integers(entry.profits));
    expect(margin.worst).toEqual({ scenario: entry.worstScenario, loss: BigInt(entry.worstLoss) });
    expect(margin.haircuts).toBe(BigInt(entry.haircuts));
    const { level, healthy, ...figures } = unpackMarginResult(facts.result);
    const { equity, maintenanceMargin, initialMargin, excess, greeks } = margin;
    expect(figures).toEqual({ equity, maintenanceMargin, initialMargin });
    expect(healthy).toBe(excess[level] >= 0n);
    expect([equity, maintenanceMargin, initialMargin]).toEqual(
      integers([entry.equity, entry.maintenanceMargin, entry.initialMargin]),
    );
    expect(unpackGreeks(facts.greeks)).toEqual([greeks.delta, greeks.gamma, greeks.vega]);
    MARGIN_LEVELS.forEach((name, place) => {
      for (let scenario = place; scenario < SCENARIO_COUNT; scenario += 6) {
        expect(scenarioMargin(account, market, scenario, name).requirement).toBe(
          BigInt(entry.requirements[place][scenario]),
        );
      }
    });
  });
});

describe("marginStatement", () => {
  const book = seededBook(1, { underlyings: [0, undefined, 1] });
  const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
  const { facts } = marginFacts({ ...book, arrays, level: "initial" });
  const { words } = marginStatement(facts);

  it("default: the account's ten words first, the arrays' commitments last, 0 where there is none", () => {
    expect(words).toHaveLength(statementLength("margin"));
    expect(words.slice(0, 10)).toEqual([...facts.positions, facts.cash, ...facts.collateral]);
    expect(words.slice(-ARRAY_COUNT)).toEqual(
      [arrays[0], undefined, arrays[2], undefined].map((array) => (array ? arrayCommitmentOf(array) : 0n)),
    );
  });

  it("default: account and market come back from the words", () => {
    expect(marginAccountOf(facts)).toEqual(book.account);
    const market = marginMarketOf(facts);
    expect(market.terms).toEqual(book.terms);
    expect(market.jointLevels).toEqual(book.jointLevels);
  });
});

describe("packPositions", () => {
  it("default: places without a position hold series 0 and the value 0, those beyond the last nothing", () => {
    const words = packPositions([{ series: 63, quantity: -(1n << 62n) }]);
    const none = (1n << 62n) << 21n;
    expect(words[0]).toBe(64n | (none << 84n) | (none << 168n));
    expect(words[5]).toBe(none);
    expect(unpackPositions(words)).toEqual([{ series: 63, quantity: -(1n << 62n) }]);
  });

  it("error: TooMany, NumberOutOfRange", () => {
    const positions = Array.from({ length: 17 }, (_, series) => ({ series, quantity: 1n }));
    expect(() => packPositions(positions)).toThrow(TooMany);
    expect(() => packPositions([{ series: 0, quantity: 1n << 62n }])).toThrow(NumberOutOfRange);
  });
});

describe("packMarginResult", () => {
  const result = { equity: -5n, maintenanceMargin: 7n, initialMargin: 9n, level: "initial", healthy: false } as const;

  it("default: there and back, equity below 0 too", () => {
    expect(unpackMarginResult(packMarginResult(result))).toEqual(result);
  });

  it("error: NumberOutOfRange", () => {
    expect(() => packMarginResult({ ...result, equity: 1n << 62n })).toThrow(NumberOutOfRange);
    expect(() => packMarginResult({ ...result, initialMargin: 1n << 63n })).toThrow(NumberOutOfRange);
  });
});
