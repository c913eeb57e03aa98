import { describe, expect, it } from "vitest";
import { unpackLanes } from "../lanes.ts";
import { DECAYS, PPM, triangleLength } from "../protocol.ts";
import {
  AssetNeverMoves,
  allocate,
  DecayMismatch,
  MandateAssetsMismatch,
  packAllocation,
  ToleranceNotReachable,
} from "./allocation.ts";
import { checkAllocation } from "./allocationRules.ts";
import { covarianceTriangle, covarianceTriangles, triangleEntry, trianglePlace } from "./covariance.ts";
import { defaultMandate, type Mandate } from "./mandate.ts";
import { RiskBudgetingNotConverged } from "./riskBudgetingInput.ts";
import { kappaInterval, largestShareError, middleKappa, riskContributions, totalRisk } from "./riskContributions.ts";
import { seededDraws } from "./seededDraws.ts";

/** {ppm} returns of assets that share a market, some against it */
function randomReturns(seed: number, assets: number, ticks = 240): bigint[][] {
  const draws = seededDraws(seed);
  const loads = Array.from({ length: assets }, () => draws.normal() * 4_000 + 4_000);
  return Array.from({ length: ticks }, () => {
    const market = draws.normal();
    return loads.map((load, i) => BigInt(Math.round(load * market + draws.normal() * (3_000 + 900 * i))));
  });
}

function mandateOf(assets: number, change: Partial<Mandate> = {}): Mandate {
  return { ...defaultMandate(assets), ...change };
}

const swapTriangle = (triangle: readonly bigint[], assets: number, order: readonly number[]): bigint[] => {
  const swapped = new Array<bigint>(triangle.length);
  for (let i = 0; i < assets; i++) {
    for (let j = i; j < assets; j++)
      swapped[trianglePlace(assets, i, j)] = triangleEntry(triangle, assets, order[i]!, order[j]!);
  }
  return swapped;
};

describe("allocate", () => {
  it("default: meets every rule, for every decay, several shrinkages, and 1 to 12 assets", () => {
    for (let assets = 1; assets <= 12; assets++) {
      covarianceTriangles(randomReturns(assets, assets)).forEach((triangle, decayIndex) => {
        for (const shrinkage of [0n, 300_000n, PPM]) {
          const mandate = mandateOf(assets, { decayIndex, shrinkage });
          const allocation = allocate({ triangle, decayIndex, mandate });
          expect(checkAllocation({ triangle, mandate, allocation })).toBeUndefined();
          expect(allocation.weights.reduce((a, b) => a + b)).toBe(PPM);
          expect(allocation.maxRiskShareError).toBeLessThan(10);
        }
      });
    }
  });

  it("behavior: caps that bind are met exactly, and capped assets carry less than their budget", () => {
    const triangle = covarianceTriangle(randomReturns(31, 6), 2);
    const free = allocate({ triangle, decayIndex: 2, mandate: mandateOf(6) });
    const caps = free.weights.map((weight, i) => (i < 2 ? weight / 2n : PPM));
    const mandate = mandateOf(6, { caps });
    const held = allocate({ triangle, decayIndex: 2, mandate });
    expect(held.weights.slice(0, 2)).toEqual(caps.slice(0, 2));
    for (const i of [0, 1]) expect(PPM * held.riskContributions[i]!).toBeLessThan(mandate.budgets[i]! * held.kappa);
    expect(checkAllocation({ triangle, mandate, allocation: held })).toBeUndefined();
  });

  it("behavior: caps that sum to one are the weights", () => {
    const triangle = covarianceTriangle(randomReturns(32, 3), 2);
    const caps = [200_000n, 500_000n, 300_000n];
    expect(allocate({ triangle, decayIndex: 2, mandate: mandateOf(3, { caps }) }).weights).toEqual(caps);
  });

  it("behavior: assets the mandate does not list, or gives no budget, get nothing", () => {
    const triangle = covarianceTriangle(randomReturns(33, 5), 2);
    const { weights } = allocate({
      triangle,
      decayIndex: 2,
      mandate: mandateOf(3, { budgets: [400_000n, 0n, 600_000n] }),
    });
    expect([weights[1], weights[3], weights[4]]).toEqual([0n, 0n, 0n]);
    expect(weights).toHaveLength(5);
  });

  it("behavior: swapping assets swaps weights", () => {
    const triangle = covarianceTriangle(randomReturns(34, 5), 1);
    const order = [4, 2, 0, 1, 3];
    const budgets = [100_000n, 150_000n, 200_000n, 250_000n, 300_000n];
    const before = allocate({ triangle, decayIndex: 1, mandate: mandateOf(5, { decayIndex: 1, budgets }) });
    const mandate = mandateOf(5, { decayIndex: 1, budgets: order.map((i) => budgets[i]!) });
    const after = allocate({ triangle: swapTriangle(triangle, 5, order), decayIndex: 1, mandate });
    after.weights.forEach((weight, i) => {
      // the same solution; ties between roundings may fall differently
      expect(Math.abs(Number(weight - before.weights[order[i]!]!))).toBeLessThanOrEqual(1);
    });
  });

  it("behavior: scaling the triangle changes no weight", () => {
    const triangle = covarianceTriangle(randomReturns(35, 4), 3);
    const mandate = mandateOf(4, { decayIndex: 3 });
    const scaled = triangle.map((entry) => entry * 49n);
    expect(allocate({ triangle: scaled, decayIndex: 3, mandate }).weights).toEqual(
      allocate({ triangle, decayIndex: 3, mandate }).weights,
    );
  });

  it("behavior: full shrinkage is inverse volatility", () => {
    const triangle = covarianceTriangle(randomReturns(36, 7), 0);
    const { weights } = allocate({ triangle, decayIndex: 0, mandate: mandateOf(7, { decayIndex: 0, shrinkage: PPM }) });
    const inverse = weights.map((_, i) => 1 / Math.sqrt(Number(triangleEntry(triangle, 7, i, i))));
    const sum = inverse.reduce((a, b) => a + b);
    weights.forEach((weight, i) => {
      expect(Math.abs(Number(weight) - (1e6 * inverse[i]!) / sum)).toBeLessThan(2);
    });
  });

  it("behavior: an asset listed twice shares its weight evenly, though the triangle is singular", () => {
    const once = randomReturns(37, 3);
    const twice = once.map((row) => [...row, row[0]!]);
    const merged = allocate({
      triangle: covarianceTriangle(once, 2),
      decayIndex: 2,
      mandate: mandateOf(3, { budgets: [500_000n, 250_000n, 250_000n] }),
    });
    const { weights } = allocate({ triangle: covarianceTriangle(twice, 2), decayIndex: 2, mandate: mandateOf(4) });
    expect(Math.abs(Number(weights[0]! - weights[3]!))).toBeLessThanOrEqual(1);
    expect(Math.abs(Number(weights[0]! + weights[3]! - merged.weights[0]!))).toBeLessThanOrEqual(2);
  });

  it("behavior: of all 1,000,001 pairs of weights, the one with the smallest error", () => {
    const triangle = [9_000_000n, 2_500_000n, 1_700_000n];
    const budgets = [370_000n, 630_000n];
    const { weights, maxRiskShareError } = allocate({
      triangle,
      decayIndex: 3,
      mandate: mandateOf(2, { decayIndex: 3, budgets }),
      windowLength: 8,
    });
    let [best, bestError] = [-1, Number.POSITIVE_INFINITY];
    for (let w = 0; w <= 1_000_000; w++) {
      const v = 1_000_000 - w;
      const [a, b] = [w * (9 * w + 2.5 * v), v * (1.7 * v + 2.5 * w)];
      // with two assets both errors are b_0 b_1-weighted halves of the same gap
      const error = Math.abs(a * 0.63 - b * 0.37) / (a + b);
      if (error < bestError) [best, bestError] = [w, error];
    }
    expect(weights[0]).toBe(BigInt(best));
    expect(maxRiskShareError).toBeCloseTo(bestError * 1e6, 5);
  });

  it("behavior: no weights within 2 ppm of three are better", () => {
    const triangle = covarianceTriangle(randomReturns(38, 3), 2);
    const mandate = mandateOf(3);
    const { weights, maxRiskShareError } = allocate({ triangle, decayIndex: 2, mandate });
    for (let a = -2n; a <= 2n; a++) {
      for (let b = -2n; b <= 2n; b++) {
        const near = [weights[0]! + a, weights[1]! + b, weights[2]! - a - b];
        const error = largestShareError(riskContributions(triangle, 0n, near), mandate.budgets, [false, false, false]);
        expect(error).toBeGreaterThanOrEqual(maxRiskShareError);
      }
    }
  });

  it("behavior: exposure is the limit in a calm market and falls with volatility", () => {
    const triangle = covarianceTriangle(randomReturns(39, 3), 2);
    const calm = allocate({
      triangle,
      decayIndex: 2,
      mandate: mandateOf(3, { targetVolatility: 100_000n, maxExposure: 900_000n }),
    });
    expect(calm.exposure).toBe(900_000n);
    const tight = allocate({ triangle, decayIndex: 2, mandate: mandateOf(3, { targetVolatility: 1_000n }) });
    expect(tight.exposure).toBe((PPM * 1_000n) / tight.portfolioVolatility);
    const words = packAllocation(tight);
    expect(unpackLanes(words.portfolio).slice(0, 2)).toEqual([tight.portfolioVolatility, tight.exposure]);
    expect(unpackLanes(words.weights).slice(0, 3)).toEqual(tight.weights);
  });

  it("error: AssetNeverMoves names the position, unless it has no budget", () => {
    const triangle = covarianceTriangle(
      randomReturns(40, 2).map(([a, b]) => [a!, 0n, b!]),
      2,
    );
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(3) })).toThrow(AssetNeverMoves);
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(3) })).toThrow(/^asset 1 has variance 0/);
    expect(
      allocate({ triangle, decayIndex: 2, mandate: mandateOf(3, { budgets: [500_000n, 0n, 500_000n] }) }).weights[1],
    ).toBe(0n);
  });
  it("error: DecayMismatch", () => {
    const triangle = covarianceTriangle(randomReturns(41, 2), 0);
    expect(() => allocate({ triangle, decayIndex: 0, mandate: mandateOf(2) })).toThrow(DecayMismatch);
  });
  it("error: MandateAssetsMismatch", () => {
    expect(() => allocate({ triangle: [1n], decayIndex: 2, mandate: mandateOf(2) })).toThrow(MandateAssetsMismatch);
  });
  it("error: ToleranceNotReachable says error, tolerance and the weight too small for whole ppm", () => {
    // volatilities 1 : 141,421 leave the second asset about 7 ppm
    const triangle = [10_000n, 0n, 2n * 10n ** 14n];
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(2) })).toThrow(ToleranceNotReachable);
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(2) })).toThrow(
      /tolerance is 10 ppm; the smallest weight is 7.071 ppm \(asset 1\)/,
    );
  });
  it("error: RiskBudgetingNotConverged where two assets cancel", () => {
    const triangle = covarianceTriangle(
      randomReturns(42, 1).map(([a]) => [a!, -a!]),
      2,
    );
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(2) })).toThrow(RiskBudgetingNotConverged);
    expect(allocate({ triangle, decayIndex: 2, mandate: mandateOf(2, { shrinkage: 100_000n }) }).weights).toEqual([
      500_000n,
      500_000n,
    ]);
  });
});

describe("checkAllocation", () => {
  const triangle = covarianceTriangle(randomReturns(50, 4), 2);
  const mandate = mandateOf(4, {
    caps: [200_000n, PPM, PPM, PPM],
    targetVolatility: 2_000n,
    budgets: [400_000n, 300_000n, 300_000n, 0n],
  });
  const sound = allocate({ triangle, decayIndex: 2, mandate });
  const judge = (change: Partial<typeof sound>, other: Partial<Mandate> = {}) =>
    checkAllocation({ triangle, mandate: { ...mandate, ...other }, allocation: { ...sound, ...change } })?.rule;
  const shifted = (from: number, to: number, by: bigint): bigint[] =>
    sound.weights.map((weight, i) => weight + (i === to ? by : i === from ? -by : 0n));

  it("default: accepts what allocate returns", () => expect(judge({})).toBeUndefined());
  it("behavior: P-1 lanes and their number", () => {
    expect(judge({ weights: sound.weights.slice(1) })).toBe("P-1");
    expect(judge({ exposure: 1n << 21n })).toBe("P-1");
    expect(judge({ weights: [-1n, ...sound.weights.slice(1)] })).toBe("P-1");
  });
  it("behavior: P-4 sum, caps, budgets", () => {
    expect(judge({ weights: shifted(0, 0, 1n).map((w, i) => (i === 1 ? w + 1n : w)) })).toBe("P-4");
    expect(judge({ weights: shifted(1, 0, 1n) })).toBe("P-4");
    expect(judge({ weights: shifted(1, 3, 1n) })).toBe("P-4");
    expect(judge({}, { budgets: [400_000n, 300_000n, 300_001n, 0n] })).toBe("P-4");
  });
  it("behavior: P-3 wrong shares, a wrong κ, and a cap that is not reached", () => {
    expect(judge({ weights: shifted(1, 2, 500n) })).toBe("P-3");
    expect(judge({ kappa: sound.kappa * 2n })).toBe("P-3");
    expect(judge({ kappa: 0n })).toBe("P-3");
    // below its cap an asset has to carry its whole budget
    expect(judge({}, { caps: [200_001n, PPM, PPM, PPM] })).toBe("P-3");
  });
  it("behavior: P-5 is exact on both sides", () => {
    expect(judge({ portfolioVolatility: sound.portfolioVolatility + 1n })).toBe("P-5");
    expect(judge({ portfolioVolatility: sound.portfolioVolatility - 1n })).toBe("P-5");
  });
  it("behavior: P-6 too much, too little, above the limit", () => {
    expect(judge({ exposure: sound.exposure + 1n })).toBe("P-6");
    expect(judge({ exposure: sound.exposure - 1n })).toBe("P-6");
    expect(judge({}, { maxExposure: sound.exposure - 1n })).toBe("P-6");
  });
});

describe("kappaInterval", () => {
  it("default: both ends fit the rule and the next beyond do not", () => {
    const draws = seededDraws(60);
    for (let round = 0; round < 200; round++) {
      const n = draws.integer(2, 4);
      const parts = Array.from({ length: n }, () => BigInt(draws.integer(1_000, 1_040)));
      const budgets = Array.from({ length: n }, () => BigInt(draws.integer(200_000, 210_000)));
      const atCap = Array.from({ length: n }, (_, i) => i > 0 && draws.uniform() < 0.3);
      const tolerance = 20_000n;
      const slack = tolerance * totalRisk(parts);
      const fits = (kappa: bigint) =>
        kappa >= 1n &&
        parts.every((part, i) => {
          const gap = PPM * part - budgets[i]! * kappa;
          return gap <= slack && (atCap[i] || gap >= -slack);
        });
      const interval = kappaInterval(parts, budgets, tolerance, atCap)!;
      const middle = middleKappa(interval);
      if (middle === undefined) {
        expect(fits(interval.low)).toBe(false);
        continue;
      }
      expect([
        fits(interval.low - 1n),
        fits(interval.low),
        fits(middle),
        fits(interval.high!),
        fits(interval.high! + 1n),
      ]).toEqual([false, true, true, true, false]);
    }
  });
  it("behavior: no upper end where every asset stands at its cap", () => {
    const interval = kappaInterval([10n, 20n], [500_000n, 500_000n], 1n, [true, true])!;
    expect(interval.high).toBeUndefined();
    expect(middleKappa(interval)).toBe(interval.low);
  });
  it("behavior: undefined where an asset without a budget carries risk", () => {
    expect(kappaInterval([10n, 20n], [PPM, 0n], 1n, [false, false])).toBeUndefined();
  });
});

describe("riskContributions", () => {
  it("default: against matrices in floating point", () => {
    const triangle = covarianceTriangle(randomReturns(61, 3), 1);
    const weights = [200_000n, 300_000n, 500_000n];
    const parts = riskContributions(triangle, 250_000n, weights);
    weights.forEach((w, i) => {
      const row = weights.reduce(
        (sum, v, j) => sum + Number(triangleEntry(triangle, 3, i, j)) * Number(v) * (i === j ? 1 : 0.75),
        0,
      );
      expect(Number(parts[i]!) / (1e6 * Number(w) * row)).toBeCloseTo(1, 12);
    });
  });
  it("behavior: stays inside its bit budget at the extremes", () => {
    const triangle = new Array<bigint>(triangleLength(12)).fill(2n ** 63n - 1n);
    const weights = [PPM, ...new Array<bigint>(11).fill(0n)];
    expect(riskContributions(triangle, 0n, weights)[0]!).toBeLessThan(2n ** 123n);
    expect(DECAYS).toHaveLength(4);
  });
});
