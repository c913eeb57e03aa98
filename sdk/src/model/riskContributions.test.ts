import { describe, expect, it } from "vitest";
import { PPM, triangleLength } from "../protocol.ts";
import { covarianceTriangle, triangleEntry } from "./covariance.ts";
import { kappaInterval, middleKappa, riskContributions, totalRisk } from "./riskContributions.ts";
import { seededDraws } from "./seededDraws.ts";
import { seededMarket } from "./seededMarket.ts";

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
    const interval = kappaInterval([10n ** 12n, 2n * 10n ** 12n], [500_000n, 500_000n], 1n, [true, true])!;
    expect(interval.high).toBeUndefined();
    expect(middleKappa(interval)).toBe(interval.sufficient);
    expect(interval.sufficient).toBeGreaterThan(interval.low);
  });
  it("behavior: undefined where an asset without a budget carries risk", () => {
    expect(kappaInterval([10n, 20n], [PPM, 0n], 1n, [false, false])).toBeUndefined();
  });
});

describe("riskContributions", () => {
  it("default: against matrices in floating point", () => {
    const triangle = covarianceTriangle(seededMarket(61, 3), 1);
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
  });
});
