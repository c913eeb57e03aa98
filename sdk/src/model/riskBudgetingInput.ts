import { cholesky } from "./cholesky.ts";

/** {1} how far budgets may be from summing to one, and caps from allowing it, before it is an error and not rounding */
const SUM_TOLERANCE = 1e-9;

/** A covariance whose rows do not have as many entries as there are rows. */
export class CovarianceNotSquare extends Error {
  override name = "CovarianceNotSquare";
  constructor(row: number, length: number, expected: number) {
    super(
      expected === 0
        ? "the covariance has 0 rows and needs at least 1: give one row and one column per asset"
        : `row ${row} of the covariance has ${length} entries and the matrix ${expected} rows: give one row and one column per asset`,
    );
  }
}

/** A covariance entry that is not a number. */
export class CovarianceNotFinite extends Error {
  override name = "CovarianceNotFinite";
  constructor(row: number, column: number, value: unknown) {
    super(`covariance entry (${row}, ${column}) is ${String(value)}; entries are finite numbers: replace it`);
  }
}

/** A covariance whose two halves differ. */
export class CovarianceNotSymmetric extends Error {
  override name = "CovarianceNotSymmetric";
  constructor(row: number, column: number, above: number, below: number) {
    super(
      `covariance entries (${row}, ${column}) = ${above} and (${column}, ${row}) = ${below} differ by more than 1e-9 of the volatilities' product: make the matrix symmetric`,
    );
  }
}

/** A covariance with a direction of no or negative variance. */
export class CovarianceNotPositiveDefinite extends Error {
  override name = "CovarianceNotPositiveDefinite";
  constructor(pivot: number, value: number, limit: number) {
    super(
      `pivot ${pivot} of the covariance is ${value} and must be above ${limit}: asset ${pivot} never moves, or is a combination of those before it; remove it, shrink the correlations or use more observations`,
    );
  }
}

/** Budgets and covariance of different sizes. */
export class BudgetsLengthMismatch extends Error {
  override name = "BudgetsLengthMismatch";
  constructor(length: number, assets: number) {
    super(`${length} budgets for ${assets} assets: give one budget per asset`);
  }
}

/** Caps and covariance of different sizes. */
export class CapsLengthMismatch extends Error {
  override name = "CapsLengthMismatch";
  constructor(length: number, assets: number) {
    super(`${length} caps for ${assets} assets: give one cap per asset`);
  }
}

/** A budget below zero, or not a number. */
export class BudgetNegative extends Error {
  override name = "BudgetNegative";
  constructor(asset: number, value: unknown) {
    super(
      `budget ${asset} is ${String(value)} and must be a number of at least 0: give an unwanted asset the budget 0`,
    );
  }
}

/** Budgets that share out more or less than the whole risk. */
export class BudgetsNotOne extends Error {
  override name = "BudgetsNotOne";
  constructor(sum: number | string, limit: number | string) {
    super(`the budgets sum to ${sum} and must sum to ${limit}: divide each by their sum`);
  }
}

/** A cap below zero, or not a number. */
export class CapInvalid extends Error {
  override name = "CapInvalid";
  constructor(asset: number, value: unknown) {
    super(`cap ${asset} is ${String(value)} and must be a number of at least 0: use 1 where there is no cap`);
  }
}

/** Caps that leave part of the portfolio without a place. */
export class CapsNotReachable extends Error {
  override name = "CapsNotReachable";
  constructor(sum: number | string, limit: number | string) {
    super(
      `the caps of the assets that have a budget sum to ${sum} and must reach ${limit}: raise caps or give more assets a budget`,
    );
  }
}

/** The search ended without meeting the conditions of risk budgeting. */
export class RiskBudgetingNotConverged extends Error {
  override name = "RiskBudgetingNotConverged";
  constructor(residual: number, limit: number) {
    super(
      `risk shares are off by ${residual} and must be within ${limit}: the assets can hedge one another almost completely; shrink the correlations or remove an asset`,
    );
  }
}

/** Square, finite, symmetric and positive definite (variances only where semidefiniteness is known by construction). */
export function checkCovariance(covariance: readonly (readonly number[])[], semidefinite: boolean): void {
  const n = covariance.length;
  if (n === 0) throw new CovarianceNotSquare(0, 0, 0);
  covariance.forEach((row, i) => {
    if (!Array.isArray(row) || row.length !== n)
      throw new CovarianceNotSquare(i, Array.isArray(row) ? row.length : 0, n);
    row.forEach((value, j) => {
      if (!Number.isFinite(value)) throw new CovarianceNotFinite(i, j, value);
    });
  });
  const variances = covariance.map((row, i) => row[i] as number);
  if (semidefinite) return;
  const matrix = new Float64Array(n * n);
  covariance.forEach((row, i) => {
    const variance = variances[i] as number;
    if (!(variance > 0)) throw new CovarianceNotPositiveDefinite(i, variance, 0);
    for (let j = 0; j < i; j++) {
      const [below, above] = [row[j] as number, covariance[j]?.[i] as number];
      const unit = Math.sqrt(variance) * Math.sqrt(variances[j] as number);
      if (Math.abs(above - below) > 1e-9 * unit) throw new CovarianceNotSymmetric(j, i, above, below);
      matrix[i * n + j] = (0.5 * (above + below)) / unit;
    }
    matrix[i * n + i] = 1;
  });
  // In units of volatility a pivot is what the assets before it leave unexplained; below this it is rounding.
  const threshold = 4 * n * Number.EPSILON;
  const factor = cholesky(matrix, n, threshold);
  if (factor instanceof Float64Array) return;
  const variance = variances[factor.place] as number;
  throw new CovarianceNotPositiveDefinite(factor.place, factor.value * variance, threshold * variance);
}

/** Budgets as given, divided by their sum so that rounding in them cannot show. */
export function checkBudgets(budgets: readonly number[], assets: number): number[] {
  if (budgets.length !== assets) throw new BudgetsLengthMismatch(budgets.length, assets);
  budgets.forEach((budget, i) => {
    if (!Number.isFinite(budget) || budget < 0) throw new BudgetNegative(i, budget);
  });
  const sum = budgets.reduce((total, budget) => total + budget, 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) throw new BudgetsNotOne(sum, 1);
  return budgets.map((budget) => budget / sum);
}

/** Caps that can hold the whole portfolio; sums within rounding of one are scaled to one. */
export function checkCaps(caps: readonly number[], budgets: readonly number[]): number[] {
  if (caps.length !== budgets.length) throw new CapsLengthMismatch(caps.length, budgets.length);
  caps.forEach((cap, i) => {
    if (typeof cap !== "number" || !(cap >= 0)) throw new CapInvalid(i, cap);
  });
  const sum = caps.reduce((total, cap, i) => total + ((budgets[i] as number) > 0 ? cap : 0), 0);
  if (sum < 1 - SUM_TOLERANCE) throw new CapsNotReachable(sum, 1);
  return sum < 1 ? caps.map((cap) => cap / sum) : caps.slice();
}
