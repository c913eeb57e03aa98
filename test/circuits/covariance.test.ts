import { beforeAll, describe, expect, it } from "vitest";
import { packLanes, packSignedLanes } from "../../sdk/src/lanes.ts";
import { packObservations } from "../../sdk/src/model/returns.ts";
import { riskFigures } from "../../sdk/src/model/riskState.ts";
import { LANE_BITS, PPM, SIGNED_OFFSET, SIZES } from "../../sdk/src/protocol.ts";
import {
  type CovarianceFacts,
  covarianceStatement,
  type Statement,
  statementOf,
} from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { tamperable } from "./systems.ts";

const { assets } = SIZES.small;
const TIMEOUT = 120_000;

/** [16][3] {ppm}: the second asset moves against the first, the third mostly by itself. */
const DAY = [
  [-12_000n, 9_100n, 3n],
  [4_500n, -4_400n, -7_210n],
  [800n, -100n, 15_000n],
  [-3_333n, 2_900n, 0n],
  [20_011n, -18_500n, 640n],
  [-1n, 1n, -1n],
  [7_070n, -6_000n, 9_999n],
  [-15_500n, 16_000n, -2_500n],
];
const RETURNS = [
  ...DAY,
  ...DAY.map(([first, second, third]) => [first as bigint, second as bigint, -(third as bigint)]),
];

function factsOf(returns: bigint[][]): CovarianceFacts {
  const figures = riskFigures(returns);
  return {
    observations: packObservations(returns, assets),
    volatilities: figures.volatilitiesWord,
    correlations: figures.correlationsWords,
    covarianceTriangles: figures.triangles,
  };
}

let prover: CheatingProver;
beforeAll(async () => {
  prover = new CheatingProver(await tamperable("covariance_small"));
}, TIMEOUT);

/** The witness of a prover who states these facts, true or false, with public inputs that fit the statement. */
function witnessOf(
  facts: CovarianceFacts,
  forced: Record<string, bigint> = {},
  statement: Statement = covarianceStatement(facts, SIZES.small),
): bigint[] {
  const given: Record<string, bigint> = {
    "main.challenge": statement.challenge,
    "main.evaluation": statement.evaluation,
    "main.volatilities": facts.volatilities,
  };
  facts.observations.forEach((word, t) => {
    given[`main.observations[${t}]`] = word;
  });
  facts.correlations.forEach((word, w) => {
    given[`main.correlations[${w}]`] = word;
  });
  for (let pair = 0; pair < 3; pair++) {
    const word = facts.correlations[0] as bigint;
    given[`main.moments.laneOf[${pair}]`] = (word >> BigInt(LANE_BITS * pair)) & ((1n << BigInt(LANE_BITS)) - 1n);
  }
  return prover.witness(given, forced);
}

const violationsOf = (...lie: Parameters<typeof witnessOf>): string[] => prover.system.violations(witnessOf(...lie));

const facts = factsOf(RETURNS);
const withVolatility = (asset: number, change: bigint): CovarianceFacts => ({
  ...facts,
  volatilities: facts.volatilities + (change << BigInt(LANE_BITS * asset)),
});
const withCorrelation = (of: CovarianceFacts, pair: number, change: bigint): CovarianceFacts => ({
  ...of,
  correlations: [(of.correlations[0] as bigint) + (change << BigInt(LANE_BITS * pair))],
});

describe("covariance", () => {
  it("accepts what the model computes", () => {
    expect(violationsOf(facts)).toEqual([]);
  });

  it("notices a change of any signal of the witness", () => {
    expect(prover.system.unnoticed(witnessOf(facts))).toEqual([]);
  });

  describe("C-1: words are their lanes", () => {
    it("refuses an observation with a bit above its lanes", () => {
      const observations = [...facts.observations];
      observations[3] = (observations[3] as bigint) + (1n << BigInt(LANE_BITS * assets));
      const violated = violationsOf({ ...facts, observations });
      expect(violated).toHaveLength(1);
      expect(violated[0]).toMatch(/^main\.UnpackHeldLanes/);
    });

    it.each([0n, 2n, -1n])("refuses %i in place of the one that keeps sums as wires", (value) => {
      const violated = violationsOf(facts, { "main.one": value });
      expect(violated.some((path) => path.startsWith("main.One"))).toBe(true);
    });

    it("refuses volatilities above the last lane", () => {
      const volatilities = facts.volatilities + (5n << BigInt(LANE_BITS * assets));
      expect(violationsOf({ ...facts, volatilities }).join()).toMatch(/^main\.moments\.UnpackLanes[^,]*$/);
    });

    it("refuses a correlation word with a lane after the last pair", () => {
      const violated = violationsOf(withCorrelation(facts, 3, 1n));
      expect(violated).toEqual(["main.moments.laneOf[2]"]);
    });
  });

  describe("C-2: exact integer covariances", () => {
    it.each([0, 1, 2, 3])("refuses another entry in the triangle of decay %i", (decay) => {
      const covarianceTriangles = facts.covarianceTriangles.map((triangle, d) =>
        triangle.map((entry, k) => (d === decay && k === 4 ? entry + 1n : entry)),
      );
      const violated = violationsOf(
        { ...facts, covarianceTriangles },
        { [`main.S[${decay}][4]`]: covarianceTriangles[decay]?.[4] as bigint },
      );
      // that it is the held sum, and for the first decay also what follows from it
      expect(violated.filter((path) => path.startsWith("main.Held"))).toHaveLength(1);
      expect(violated.every((path) => /^main\.(Held|moments)/.test(path))).toBe(true);
    });

    it("refuses a product that is not one", () => {
      const violated = violationsOf(facts, { "main.products[2][1]": 12_345n });
      expect(violated).toContain("main.products[2][1]");
    });
  });

  describe("C-3: commitments", () => {
    it.each([
      ["main.windowCommitment", 18],
      ["main.covarianceCommitments[0]", 19],
      ["main.covarianceCommitments[3]", 22],
    ])("refuses another %s", (name, place) => {
      const words = covarianceStatement(facts, SIZES.small).words.map((word, at) => (at === place ? word + 1n : word));
      const violated = violationsOf(
        facts,
        { [name]: words[place] as bigint },
        statementOf("covariance", words, SIZES.small),
      );
      expect(violated).toHaveLength(1);
      expect(violated[0]).toMatch(/^main\.(Sponge|Absorb)/);
    });
  });

  describe("C-4: volatilities rounded down", () => {
    it.each([
      [0, 1n],
      [0, -1n],
      [2, 1n],
      [2, -1n],
    ])("refuses the volatility of asset %i moved by %i ppm", (asset, change) => {
      const violated = violationsOf(withVolatility(asset, change));
      expect(violated.length).toBeGreaterThan(0);
      // nothing but the two bounds of the volatility and the correlations that rest on it
      for (const path of violated) expect(path).toMatch(/main\.moments\.(NonNegative|correlation)/);
      expect(violated.join()).toMatch(/main\.moments\.NonNegative/);
    });
  });

  describe("C-5: correlations rounded down", () => {
    it.each([
      [0, 1n],
      [0, -1n],
      [1, 1n],
      [1, -1n],
      [2, 1n],
      [2, -1n],
    ])("refuses the correlation of pair %i moved by %i ppm", (pair, change) => {
      const violated = violationsOf(withCorrelation(facts, pair, change));
      expect(violated.join()).toMatch(new RegExp(`^main\\.moments\\.correlation\\[${pair}\\]\\.NonNegative[^,]*$`));
    });

    const twins = factsOf(RETURNS.map(([first]) => [first as bigint, first as bigint, -(first as bigint)]));

    it("accepts correlations clamped at one and minus one", () => {
      expect(riskFigures(RETURNS.map(([x]) => [x as bigint, x as bigint, -(x as bigint)])).correlations).toEqual([
        PPM,
        -PPM,
        -PPM,
      ]);
      expect(violationsOf(twins)).toEqual([]);
    });

    it("refuses a clamped correlation that goes past one, or stays below it", () => {
      expect(violationsOf(withCorrelation(twins, 0, 1n)).join()).toMatch(/AtMost/);
      expect(violationsOf(withCorrelation(twins, 0, -1n)).join()).toMatch(/correlation\[0\]\.NonNegative/);
      expect(violationsOf(withCorrelation(twins, 1, -1n)).join()).toMatch(/AtMost/);
      expect(violationsOf(withCorrelation(twins, 1, 1n)).join()).toMatch(/correlation\[1\]\.NonNegative/);
    });

    it("refuses the claim that a correlation was clamped", () => {
      const claimed = {
        ...facts,
        correlations: [packSignedLanes([-PPM, ...riskFigures(RETURNS).correlations.slice(1)])],
      };
      expect(violationsOf(claimed).join()).toMatch(/correlation\[0\]\.NonNegative/);
      const other = { ...facts, correlations: [packSignedLanes([PPM, ...riskFigures(RETURNS).correlations.slice(1)])] };
      expect(violationsOf(other).join()).toMatch(/correlation\[0\]\.NonNegative/);
    });

    const motionless = factsOf(RETURNS.map(([first, , third]) => [first as bigint, 0n, third as bigint]));

    it("accepts an asset that never moves, with correlation 0", () => {
      expect(riskFigures(RETURNS.map(([x, , z]) => [x as bigint, 0n, z as bigint])).correlations[0]).toBe(0n);
      expect(violationsOf(motionless)).toEqual([]);
    });

    it("refuses a correlation with an asset that never moves", () => {
      const name = "main.moments.correlation[0].motionless";
      expect(violationsOf(withCorrelation(motionless, 0, 250_000n), { [name]: 1n })).toEqual([name]);
    });

    it("accepts the largest returns of either sign", () => {
      const extreme = SIGNED_OFFSET - 1n;
      expect(violationsOf(factsOf(RETURNS.map((_, t) => [extreme, t % 2 ? extreme : -extreme, -extreme])))).toEqual([]);
    });

    it("accepts volatilities of nearly nothing, where rounding is coarsest", () => {
      expect(
        violationsOf(factsOf(RETURNS.map((_, t) => [t % 3 ? 1n : -1n, t % 2 ? 2n : -1n, t === 7 ? 2n : 0n]))),
      ).toEqual([]);
    });
  });

  describe("statement", () => {
    it("refuses another evaluation, challenge or commitment", () => {
      const statement = covarianceStatement(facts, SIZES.small);
      expect(violationsOf(facts, { "main.evaluation": statement.evaluation + 1n }).join()).toMatch(
        /^main\.statement\./,
      );
      expect(violationsOf(facts, { "main.challenge": statement.challenge + 1n }).join()).toMatch(/^main\.statement\./);
      expect(violationsOf(facts, { "main.commitment": statement.commitment + 1n }).join()).toMatch(
        /^main\.Absorb[^,]*$/,
      );
    });

    it("packs lanes as the model does", () => {
      expect(packLanes(riskFigures(RETURNS).volatilities)).toBe(facts.volatilities);
    });
  });
});
