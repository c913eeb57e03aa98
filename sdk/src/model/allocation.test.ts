import { describe, expect, it } from "vitest";
import { unpackLanes } from "../lanes.ts";
import { PPM } from "../protocol.ts";
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
import { largestShareError, riskContributions } from "./riskContributions.ts";
import { seededMarket } from "./seededMarket.ts";

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
      covarianceTriangles(seededMarket(assets, assets)).forEach((triangle, decayIndex) => {
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
    const triangle = covarianceTriangle(seededMarket(31, 6), 2);
    const free = allocate({ triangle, decayIndex: 2, mandate: mandateOf(6) });
    const caps = free.weights.map((weight, i) => (i < 2 ? weight / 2n : PPM));
    const mandate = mandateOf(6, { caps });
    const held = allocate({ triangle, decayIndex: 2, mandate });
    expect(held.weights.slice(0, 2)).toEqual(caps.slice(0, 2));
    for (const i of [0, 1]) expect(PPM * held.riskContributions[i]!).toBeLessThan(mandate.budgets[i]! * held.kappa);
    expect(checkAllocation({ triangle, mandate, allocation: held })).toBeUndefined();
  });

  it("behavior: caps that sum to one are the weights", () => {
    const triangle = covarianceTriangle(seededMarket(32, 3), 2);
    const caps = [200_000n, 500_000n, 300_000n];
    expect(allocate({ triangle, decayIndex: 2, mandate: mandateOf(3, { caps }) }).weights).toEqual(caps);
  });

  it("behavior: assets the mandate does not list, or gives no budget, get nothing", () => {
    const triangle = covarianceTriangle(seededMarket(33, 5), 2);
    const { weights } = allocate({
      triangle,
      decayIndex: 2,
      mandate: mandateOf(3, { budgets: [400_000n, 0n, 600_000n] }),
    });
    expect([weights[1], weights[3], weights[4]]).toEqual([0n, 0n, 0n]);
    expect(weights).toHaveLength(5);
  });

  it("behavior: swapping assets swaps weights", () => {
    const triangle = covarianceTriangle(seededMarket(34, 5), 1);
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
    const triangle = covarianceTriangle(seededMarket(35, 4), 3);
    const mandate = mandateOf(4, { decayIndex: 3 });
    const scaled = triangle.map((entry) => entry * 49n);
    expect(allocate({ triangle: scaled, decayIndex: 3, mandate }).weights).toEqual(
      allocate({ triangle, decayIndex: 3, mandate }).weights,
    );
  });

  it("behavior: full shrinkage is inverse volatility", () => {
    const triangle = covarianceTriangle(seededMarket(36, 7), 0);
    const { weights } = allocate({ triangle, decayIndex: 0, mandate: mandateOf(7, { decayIndex: 0, shrinkage: PPM }) });
    const inverse = weights.map((_, i) => 1 / Math.sqrt(Number(triangleEntry(triangle, 7, i, i))));
    const sum = inverse.reduce((a, b) => a + b);
    weights.forEach((weight, i) => {
      expect(Math.abs(Number(weight) - (1e6 * inverse[i]!) / sum)).toBeLessThan(2);
    });
  });

  it("behavior: an asset listed twice shares its weight evenly, though the triangle is singular", () => {
    const once = seededMarket(37, 3);
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
    const triangle = covarianceTriangle(seededMarket(38, 3), 2);
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
    const triangle = covarianceTriangle(seededMarket(39, 3), 2);
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
      seededMarket(40, 2).map(([a, b]) => [a!, 0n, b!]),
      2,
    );
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(3) })).toThrow(AssetNeverMoves);
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(3) })).toThrow(/^asset 1 has variance 0/);
    expect(
      allocate({ triangle, decayIndex: 2, mandate: mandateOf(3, { budgets: [500_000n, 0n, 500_000n] }) }).weights[1],
    ).toBe(0n);
  });
  it("error: DecayMismatch", () => {
    const triangle = covarianceTriangle(seededMarket(41, 2), 0);
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
      seededMarket(42, 1).map(([a]) => [a!, -a!]),
      2,
    );
    expect(() => allocate({ triangle, decayIndex: 2, mandate: mandateOf(2) })).toThrow(RiskBudgetingNotConverged);
    expect(allocate({ triangle, decayIndex: 2, mandate: mandateOf(2, { shrinkage: 100_000n }) }).weights).toEqual([
      500_000n,
      500_000n,
    ]);
  });
});
