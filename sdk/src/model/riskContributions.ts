import { decaySum, PPM, WINDOW_LENGTH } from "../protocol.ts";
import { triangleAssets, triangleEntry } from "./covariance.ts";
import { divideDown, divideNearest, divideUp, squareRootDown } from "./integers.ts";

/**
 * Exact risk contributions, the integers of rules P-2 and P-3:
 *
 *   O_i = Σ_{j≠i} S_ij w_j        |O| < 2⁶³ · 10⁶ < 2⁸³
 *   M_i = (10⁶ − δ) O_i + 10⁶ S_ii w_i        |M| < 2¹⁰³, both parts share the weights' sum of 10⁶
 *   R_i = w_i M_i        |R| < 2¹²³
 * @param triangle S {ppm² · decay}
 * @param shrinkage δ {ppm}
 * @param weights w {ppm} [N]
 * @returns R [N] {10⁶ · ppm⁴ · decay}
 */
export function riskContributions(
  triangle: readonly bigint[],
  shrinkage: bigint,
  weights: readonly bigint[],
): bigint[] {
  const assets = triangleAssets(triangle);
  return weights.map((weight, i) => {
    if (weight === 0n) return 0n;
    let others = 0n;
    for (let j = 0; j < assets; j++) {
      if (j !== i) others += triangleEntry(triangle, assets, i, j) * (weights[j] ?? 0n);
    }
    return weight * ((PPM - shrinkage) * others + PPM * triangleEntry(triangle, assets, i, i) * weight);
  });
}

/** Σ R_i, below 2¹²³. */
export const totalRisk = (contributions: readonly bigint[]): bigint =>
  contributions.reduce((sum, part) => sum + part, 0n);

/** {ppm} R_i / Σ R_i, rounded to nearest, for people to read; nothing is checked with these. */
export function riskSharesPpm(contributions: readonly bigint[]): bigint[] {
  const total = totalRisk(contributions);
  return contributions.map((part) => (total > 0n ? divideNearest(PPM * part, total) : 0n));
}

/**
 * Values κ′ = 10⁶ κ may take; `high` is undefined where every budgeted asset stands at its cap. From `sufficient` on, no
 * asset needs the tolerance to stay below its budget.
 */
export type KappaInterval = { low: bigint; high: bigint | undefined; sufficient: bigint };

/**
 * All κ′ ≥ 1 that meet P-3: 10⁶ R_i − b_i κ′ ≤ T for every i, and ≥ −T for every i below its cap, T = tolerance · Σ R.
 * Empty when high < low; undefined when an asset without a budget carries risk.
 *
 * Bits: 10⁶ R < 2¹⁴³, T < 2¹⁰ · 2¹²³ = 2¹³³, κ′ < 2¹⁴⁴, b κ′ < 2¹⁶⁴. The circuit compares the same after a normalisation,
 * and may refuse a κ′ very close to either end (docs/decisions/0005).
 */
export function kappaInterval(
  contributions: readonly bigint[],
  budgets: readonly bigint[],
  tolerance: bigint,
  atCap: readonly boolean[],
): KappaInterval | undefined {
  const slack = tolerance * totalRisk(contributions);
  let low = 1n;
  let sufficient = 1n;
  let high: bigint | undefined;
  for (const [i, part] of contributions.entries()) {
    const scaled = PPM * part;
    const budget = budgets[i] ?? 0n;
    if (budget === 0n) {
      if (scaled > slack || (!atCap[i] && scaled < -slack)) return undefined;
      continue;
    }
    const least = divideUp(scaled - slack, budget);
    if (least > low) low = least;
    const without = divideUp(scaled, budget);
    if (without > sufficient) sufficient = without;
    if (atCap[i]) continue;
    const most = divideDown(scaled + slack, budget);
    if (high === undefined || most < high) high = most;
  }
  return { low, high, sufficient };
}

/**
 * The κ′ an allocation carries: the middle of the interval (rounded down), as far from failing on either side as the
 * tolerance allows; where no asset bounds it from above, what leaves the whole tolerance unused. Undefined when the
 * interval is empty.
 */
export function middleKappa(interval: KappaInterval | undefined): bigint | undefined {
  if (interval === undefined) return undefined;
  if (interval.high === undefined) return interval.sufficient;
  return interval.high < interval.low ? undefined : (interval.low + interval.high) / 2n;
}

/**
 * {ppm} the smallest tolerance these contributions meet with some κ: for every pair the κ that splits their error
 * evenly. For reports; the rule itself is checked with integers.
 */
export function largestShareError(
  contributions: readonly bigint[],
  budgets: readonly bigint[],
  atCap: readonly boolean[],
): number {
  const total = totalRisk(contributions);
  if (total <= 0n) return Number.POSITIVE_INFINITY;
  let largest = 0n;
  contributions.forEach((high, i) => {
    contributions.forEach((low, j) => {
      const [bi, bj] = [budgets[i] ?? 0n, budgets[j] ?? 0n];
      if (i === j || bi === 0n || bj === 0n || atCap[j]) return;
      // in 10⁻⁶ ppm; (r_i b_j − r_j b_i) / (b_i + b_j) with r = 10⁶ R / Σ R
      const gap = divideUp(PPM * PPM * (high * bj - low * bi), (bi + bj) * total);
      if (gap > largest) largest = gap;
    });
  });
  return Number(largest) / 1e6;
}

/**
 * Rule P-5: σ_p² A 10¹⁸ ≤ Σ R < (σ_p + 1)² A 10¹⁸, rounded down.
 *
 * Bits: σ_p < 2²⁰ as no portfolio moves more than its assets; A 10¹⁸ < 2⁸³; products below 2¹²⁴.
 * @returns {ppm per observation}
 */
export function portfolioVolatility(total: bigint, decayIndex: number, windowLength: number = WINDOW_LENGTH): bigint {
  return squareRootDown(total / (decaySum(decayIndex, windowLength) * PPM ** 3n));
}

/**
 * Rule P-6: the largest e ≤ maxExposure with e · σ_p ≤ 10⁶ · targetVolatility, rounded down; products below 2⁴².
 * @returns {ppm}
 */
export function exposureWithin(volatility: bigint, maxExposure: bigint, targetVolatility: bigint): bigint {
  if (volatility === 0n) return maxExposure;
  const reached = (PPM * targetVolatility) / volatility;
  return reached < maxExposure ? reached : maxExposure;
}
