import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { riskBudgeting } from "./riskBudgeting.ts";
import { RiskBudgetingNotConverged } from "./riskBudgetingInput.ts";
import { type SeededDraws, seededDraws } from "./seededDraws.ts";

const REFERENCE = new URL("../../../../shared/reference/erc.json", import.meta.url);

type Case = {
  id: string;
  inputs: { covariance?: number[][]; volatilities: number[]; correlation: number[][]; budgets?: number[] };
  expected: { weights: number[]; volatility?: number; risk_contributions_relative?: number[] };
  tolerance: { weights?: number; weights_relative?: number; volatility?: number };
};
const referenceCases: Case[] = existsSync(REFERENCE) ? JSON.parse(readFileSync(REFERENCE, "utf8")).cases : [];

describe.skipIf(referenceCases.length === 0)(
  "riskBudgeting on published figures (skipped where ../shared/reference is absent)",
  () => {
    it.each(referenceCases.map((reference) => [reference.id, reference] as const))(
      "behavior: %s",
      (_, { inputs, expected, tolerance }) => {
        const covariance =
          inputs.covariance ??
          inputs.correlation.map((row, i) =>
            row.map((rho, j) => rho * inputs.volatilities[i]! * inputs.volatilities[j]!),
          );
        const { weights, riskShares } = riskBudgeting({ covariance, budgets: inputs.budgets });
        expected.weights.forEach((weight, i) => {
          const limit = tolerance.weights ?? tolerance.weights_relative! * weight;
          expect(Math.abs(weights[i]! - weight)).toBeLessThanOrEqual(limit);
        });
        (expected.risk_contributions_relative ?? []).forEach((share, i) => {
          expect(Math.abs(riskShares[i]! - share)).toBeLessThan(1e-12);
        });
        if (expected.volatility !== undefined) {
          const variance = weights.reduce(
            (sum, w, i) => sum + weights.reduce((inner, v, j) => inner + w * v * covariance[i]![j]!, 0),
            0,
          );
          expect(Math.abs(Math.sqrt(variance) - expected.volatility)).toBeLessThan(tolerance.volatility ?? 1e-6);
        }
      },
    );
  },
);

/** Factor covariance: few factors and little of the assets' own make it nearly singular. */
function randomCovariance(draws: SeededDraws, n: number, own: number, common: number): number[][] {
  const factors = draws.integer(1, 3);
  const loadings = Array.from({ length: n }, () => Array.from({ length: factors }, () => draws.normal() + common));
  const vols = loadings.map(() => Math.exp(draws.normal() * 1.5));
  return loadings.map((a, i) =>
    loadings.map((b, j) => vols[i]! * vols[j]! * (a.reduce((sum, x, f) => sum + x * b[f]!, 0) + (i === j ? own : 0))),
  );
}

function randomShares(draws: SeededDraws, n: number, sum: number): number[] {
  const raw = Array.from({ length: n }, () => draws.uniform() + 0.01);
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => (value / total) * sum);
}

/** Largest breach of P-3 and P-4, from the definition and not from the solver's own figures. */
function breach(covariance: number[][], budgets: number[], caps: number[], weights: number[], kappa: number): number {
  const parts = weights.map((w, i) => w * weights.reduce((sum, v, j) => sum + v * covariance[i]![j]!, 0));
  const total = parts.reduce((a, b) => a + b, 0);
  let largest = Math.abs(weights.reduce((a, b) => a + b, 0) - 1);
  parts.forEach((part, i) => {
    const gap = part / total - budgets[i]! * kappa;
    const held = weights[i]! >= caps[i]! * (1 - 1e-14);
    largest = Math.max(largest, held ? gap : Math.abs(gap), weights[i]! - caps[i]!, -weights[i]!);
  });
  return largest;
}

/** What doubles can tell of risk shares when positions cancel: digits lost are the ratio of gross to net risk. */
function digits(covariance: number[][], weights: number[]): number {
  const gross = weights.reduce((sum, w, i) => sum + w * Math.sqrt(covariance[i]![i]!), 0) ** 2;
  const net = weights.reduce(
    (sum, w, i) => sum + w * weights.reduce((inner, v, j) => inner + v * covariance[i]![j]!, 0),
    0,
  );
  return 1e-11 + (1e-13 * gross) / net;
}

describe("riskBudgeting", () => {
  it("default: equal budgets where none are given", () => {
    const { weights, riskShares, residual } = riskBudgeting({
      covariance: [
        [0.04, 0],
        [0, 0.01],
      ],
    });
    expect(weights[0]).toBeCloseTo(1 / 3, 14);
    expect(riskShares).toEqual([0.5, 0.5]);
    expect(residual).toBeLessThan(1e-14);
  });

  it("behavior: 500 random covariances, nearly singular and hedged ones, with and without caps, meet the definition", {
    timeout: 120_000,
  }, () => {
    const draws = seededDraws(20);
    let held = 0;
    for (let round = 0; round < 500; round++) {
      const n = [1, 2, 200, 120, 60][round] ?? draws.integer(1, 30);
      const covariance = randomCovariance(draws, n, [1, 0.1, 1e-3, 1e-6, 1e-8][round % 5]!, round % 3 === 1 ? 1.5 : 0);
      const budgets = randomShares(draws, n, 1);
      const caps = [
        new Array(n).fill(Number.POSITIVE_INFINITY),
        new Array(n).fill(1.2 / n),
        randomShares(draws, n, 1 + draws.uniform()),
        randomShares(draws, n, 1),
      ][Math.floor(round / 5) % 4] as number[];
      const { weights, kappa } = riskBudgeting({ covariance, budgets, caps });
      expect(breach(covariance, budgets, caps, weights, kappa), `round ${round}, ${n} assets`).toBeLessThan(
        digits(covariance, weights),
      );
      held += weights.filter((weight, i) => weight >= caps[i]! * (1 - 1e-14)).length;
    }
    expect(held).toBeGreaterThan(1000);
  });

  it("behavior: caps that sum to exactly one are the weights", () => {
    const caps = [0.1, 0.2, 0.3, 0.4];
    const covariance = randomCovariance(seededDraws(3), 4, 0.3, 0);
    const { weights } = riskBudgeting({ covariance, caps });
    weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(caps[i]!, 14);
    });
  });

  it("behavior: an asset without a budget gets nothing and changes nothing", () => {
    const covariance = randomCovariance(seededDraws(4), 4, 0.3, 0);
    const { weights } = riskBudgeting({ covariance, budgets: [0.2, 0.3, 0, 0.5] });
    const without = covariance.filter((_, i) => i !== 2).map((row) => row.filter((_, j) => j !== 2));
    const three = riskBudgeting({ covariance: without, budgets: [0.2, 0.3, 0.5] }).weights;
    expect(weights[2]).toBe(0);
    [0, 1, 3].forEach((place, i) => {
      expect(weights[place]).toBeCloseTo(three[i]!, 14);
    });
  });

  it("behavior: budgets from 1e-9 to nearly all", () => {
    const covariance = randomCovariance(seededDraws(5), 3, 0.2, 1);
    const budgets = [1e-9, 1e-5, 1 - 1e-9 - 1e-5];
    const { weights, kappa } = riskBudgeting({ covariance, budgets });
    expect(breach(covariance, budgets, [9, 9, 9], weights, kappa)).toBeLessThan(1e-14);
  });

  it("behavior: swapping assets swaps weights, scaling the covariance changes none", () => {
    const draws = seededDraws(6);
    const covariance = randomCovariance(draws, 6, 0.3, 0.5);
    const caps = new Array(6).fill(0.22);
    const order = [3, 1, 5, 0, 2, 4];
    const { weights } = riskBudgeting({ covariance, caps });
    const swapped = riskBudgeting({ covariance: order.map((i) => order.map((j) => covariance[i]![j]!)), caps }).weights;
    for (const scale of [1e-12, 1e12]) {
      const scaled = riskBudgeting({
        covariance: covariance.map((row) => row.map((entry) => entry * scale)),
        caps,
      }).weights;
      scaled.forEach((weight, i) => {
        expect(weight).toBeCloseTo(weights[i]!, 12);
      });
    }
    swapped.forEach((weight, i) => {
      expect(weight).toBeCloseTo(weights[order[i]!]!, 12);
    });
  });

  it("behavior: a singular covariance that is known to be semidefinite splits duplicates evenly", () => {
    const covariance = [
      [4, 4, 1],
      [4, 4, 1],
      [1, 1, 9],
    ];
    const { weights } = riskBudgeting({ covariance, semidefinite: true });
    const merged = riskBudgeting({
      covariance: [
        [4, 1],
        [1, 9],
      ],
      budgets: [2 / 3, 1 / 3],
    }).weights;
    expect(weights[0]).toBeCloseTo(weights[1]!, 12);
    expect(weights[0]! + weights[1]!).toBeCloseTo(merged[0]!, 12);
  });

  it("behavior: where caps and hedges leave several solutions, the one of least κ", () => {
    // Meets P-3 three times: weights of asset 0 are 0.6801 (its cap), 0.6034 and 0.5662; the second and third carry 6 and 270 times the variance.
    const correlation = [
      [1, 0.8680621577938493, -0.9848766330665919],
      [0.8680621577938493, 1, -0.9401168276412925],
      [-0.9848766330665919, -0.9401168276412925, 1],
    ];
    const vols = [0.26743285335053457, 17.654182213568223, 1.2558813097558952];
    const covariance = correlation.map((row, i) => row.map((rho, j) => rho * vols[i]! * vols[j]!));
    const budgets = [0.0853571112670568, 0.7162230890893498, 0.1984197996435934];
    const caps = [0.6801288023608286, 0.21528689252968322, 0.3755955922231397];
    const { weights, kappa } = riskBudgeting({ covariance, budgets, caps });
    expect(breach(covariance, budgets, caps, weights, kappa)).toBeLessThan(1e-12);
    expect(weights[0]).toBe(caps[0]);
    expect(weights[1]).toBeCloseTo(0.012354, 6);
  });

  it("error: RiskBudgetingNotConverged where assets hedge one another completely", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, -1],
          [-1, 1],
        ],
        semidefinite: true,
      }),
    ).toThrow(RiskBudgetingNotConverged);
  });
});
