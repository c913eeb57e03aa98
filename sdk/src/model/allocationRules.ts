import { decaySum, LANE_LIMIT, PPM, WINDOW_LENGTH } from "../protocol.ts";
import { triangleAssets } from "./covariance.ts";
import type { Mandate } from "./mandate.ts";
import { kappaInterval, riskContributions, totalRisk } from "./riskContributions.ts";

/** What is judged: the figures a vault would store, and the hint. */
export type AllocationClaim = {
  weights: readonly bigint[];
  portfolioVolatility: bigint;
  exposure: bigint;
  /** κ′; when left out, any κ′ will do */
  kappa?: bigint | undefined;
};

/** The first rule that does not hold, and what is wrong in words. */
export type RuleBreach = { rule: "P-1" | "P-3" | "P-4" | "P-5" | "P-6"; fact: string };

/**
 * Judges an allocation with the integers of the parity circuit, nothing else. P-2 is part of P-3 and P-5.
 * @returns undefined when every rule holds
 */
export function checkAllocation(parameters: {
  triangle: readonly bigint[];
  mandate: Mandate;
  allocation: AllocationClaim;
  windowLength?: number | undefined;
}): RuleBreach | undefined {
  const { triangle, mandate, allocation, windowLength = WINDOW_LENGTH } = parameters;
  const assets = triangleAssets(triangle);
  const { weights } = allocation;
  const budget = (i: number): bigint => mandate.budgets[i] ?? 0n;
  const cap = (i: number): bigint => mandate.caps[i] ?? 0n;

  if (weights.length !== assets) return { rule: "P-1", fact: `${weights.length} weights for ${assets} assets` };
  for (const lane of [...weights, allocation.portfolioVolatility, allocation.exposure]) {
    if (lane < 0n || lane >= LANE_LIMIT) return { rule: "P-1", fact: `${lane} does not fit a lane` };
  }

  const sum = weights.reduce((total, weight) => total + weight, 0n);
  if (sum !== PPM) return { rule: "P-4", fact: `weights sum to ${sum} ppm, not ${PPM}` };
  for (const [i, weight] of weights.entries()) {
    if (weight > cap(i)) return { rule: "P-4", fact: `weight ${i} is ${weight} ppm, above its cap of ${cap(i)}` };
    if (budget(i) === 0n && weight !== 0n)
      return { rule: "P-4", fact: `weight ${i} is ${weight} ppm without a budget` };
  }
  const budgetSum = weights.reduce((total, _, i) => total + budget(i), 0n);
  if (budgetSum !== PPM) return { rule: "P-4", fact: `budgets sum to ${budgetSum} ppm, not ${PPM}` };

  const contributions = riskContributions(triangle, mandate.shrinkage, weights);
  const total = totalRisk(contributions);
  const atCap = weights.map((weight, i) => weight === cap(i));
  const interval = kappaInterval(
    contributions,
    weights.map((_, i) => budget(i)),
    mandate.tolerance,
    atCap,
  );
  if (interval === undefined) return { rule: "P-3", fact: "an asset without a budget carries risk" };
  const { low, high } = interval;
  if (high !== undefined && high < low)
    return { rule: "P-3", fact: `no κ fits: it would be at least ${low} and at most ${high}` };
  const { kappa } = allocation;
  if (kappa !== undefined && (kappa < low || (high !== undefined && kappa > high))) {
    return { rule: "P-3", fact: `κ′ is ${kappa}, outside ${low} to ${high ?? "no limit"}` };
  }

  // {ppm per observation}² · decay · 10¹⁸, below 2¹²⁶
  const unit = decaySum(mandate.decayIndex, windowLength) * PPM ** 3n;
  const volatility = allocation.portfolioVolatility;
  if (volatility ** 2n * unit > total || (volatility + 1n) ** 2n * unit <= total) {
    return { rule: "P-5", fact: `portfolio volatility ${volatility} ppm is not that of these weights` };
  }

  const { exposure } = allocation;
  if (exposure > mandate.maxExposure) {
    return { rule: "P-6", fact: `exposure ${exposure} ppm is above the limit of ${mandate.maxExposure}` };
  }
  const target = PPM * mandate.targetVolatility;
  if (exposure * volatility > target)
    return { rule: "P-6", fact: `exposure ${exposure} ppm exceeds the target volatility` };
  if (exposure < mandate.maxExposure && (exposure + 1n) * volatility <= target) {
    return { rule: "P-6", fact: `exposure ${exposure} ppm is not the largest that is allowed` };
  }
  return undefined;
}
