import { solveCholesky } from "./cholesky.ts";
import {
  type BarrierPoint,
  type BarrierProblem,
  barrierResidual,
  factorHessian,
  freeAssets,
  minimiseBarrier,
  multiply,
  roundingNoise,
} from "./logBarrier.ts";
import { checkBudgets, checkCaps, checkCovariance, RiskBudgetingNotConverged } from "./riskBudgetingInput.ts";

export type RiskBudgetingParameters = {
  /** [N][N], any unit */
  covariance: readonly (readonly number[])[];
  /** {1} ≥ 0, sum to 1; equal when left out */
  budgets?: readonly number[] | undefined;
  /** {1} ≥ 0, largest weight of each asset; none when left out */
  caps?: readonly number[] | undefined;
  /**
   * The covariance is positive semidefinite by construction, as a matrix of sums of products is, and may be singular:
   * the problem still has one solution unless the assets can hedge one another completely.
   */
  semidefinite?: boolean | undefined;
};

/** Weights at a risk budget, in floating point; a proof needs their integers (`allocate`). */
export type RiskBudgeting = {
  /** {1} sum to 1 */
  weights: number[];
  /** {1} w_i (Σw)_i / wᵀΣw */
  riskShares: number[];
  /** {1} κ / wᵀΣw of P-3: the risk share of an asset without a cap is b_i times this */
  kappa: number;
  /** rounds of the search, over all κ tried */
  iterations: number;
  /** {1} largest breach of R_i = b_i κ (or R_i ≤ b_i κ at a cap) or of Σw = 1, as a share of total risk */
  residual: number;
};

/** {1} a larger residual is not a solution, unless a double has no more digits to say it better */
const LARGEST_RESIDUAL = 1e-10;

/** {ln κ} step and number of steps of the scan, before its steps double */
const SCAN_STEP = 0.5;
const SCAN_ROUNDS = 120;

type Search = { y: Float64Array; product: Float64Array; kappa: number; iterations: number };

/**
 * Long-only risk budgeting with optional caps: Σw = 1, 0 ≤ w ≤ cap, w_i = 0 where b_i = 0, and κ with R_i = b_i κ for
 * assets below their cap and R_i ≤ b_i κ at it (rule P-3; Spinu 2013 and Richard and Roncalli 2019 give the convex form).
 *
 * Without caps the solution is unique. With caps it is where no correlation is negative (found so in 4,000 random
 * problems); where capped assets hedge others strongly, several κ can meet the conditions, with different weights. The
 * least κ is returned then: the portfolio of least risk among them in every case seen.
 *
 * Works in units of each asset's volatility; κ is found by a bracketed search, then everything is polished by Newton's
 * method on the assets that no cap holds.
 */
export function riskBudgeting(parameters: RiskBudgetingParameters): RiskBudgeting {
  const { covariance } = parameters;
  const assets = covariance.length;
  checkCovariance(covariance, parameters.semidefinite === true);
  const budgets = checkBudgets(parameters.budgets ?? new Array<number>(assets).fill(1 / assets), assets);
  const caps = checkCaps(parameters.caps ?? new Array<number>(assets).fill(Number.POSITIVE_INFINITY), budgets);

  // A cap of zero closes an asset as a budget of zero does.
  const open = budgets.flatMap((budget, i) => (budget > 0 && (caps[i] as number) > 0 ? [i] : []));
  const scale = open.map((i) => Math.sqrt(covariance[i]?.[i] as number));
  const n = open.length;
  const problem: BarrierProblem = {
    n,
    matrix: new Float64Array(n * n),
    budgets: new Float64Array(open.map((i) => budgets[i] as number)),
    caps: new Float64Array(open.map((i, a) => (caps[i] as number) * (scale[a] as number))),
  };
  open.forEach((i, a) => {
    open.forEach((j, c) => {
      const entry = 0.5 * ((covariance[i]?.[j] as number) + (covariance[j]?.[i] as number));
      problem.matrix[a * n + c] = a === c ? 1 : entry / (scale[a] as number) / (scale[c] as number);
    });
  });
  const found = search(problem, scale);
  const contributions = Array.from(found.y, (y, a) => y * (found.product[a] as number));
  const total = contributions.reduce((sum, part) => sum + part, 0);
  const residual = totalResidual(problem, found, scale) / Math.min(1, total / found.kappa);
  const limit = Math.max(LARGEST_RESIDUAL, Math.min(1e-4, 64 * roundingNoise(found, total)));
  if (!(residual < limit) || !(total > 0)) throw new RiskBudgetingNotConverged(residual, limit);

  const weights = new Array<number>(assets).fill(0);
  const riskShares = new Array<number>(assets).fill(0);
  open.forEach((i, a) => {
    const weight = (found.y[a] as number) / (scale[a] as number);
    weights[i] = Math.min(weight, caps[i] as number);
    riskShares[i] = (contributions[a] as number) / total;
  });
  return { weights, riskShares, kappa: found.kappa / total, iterations: found.iterations, residual };
}

const sumOfWeights = (y: Float64Array, scale: readonly number[]): number =>
  y.reduce((sum, value, a) => sum + value / (scale[a] as number), 0);

/** Breach of P-3 relative to κ, and of Σw = 1. */
function totalResidual(problem: BarrierProblem, point: Search, scale: readonly number[]): number {
  const shares = barrierResidual(problem, { ...point, rounds: 0 }, point.kappa);
  return Math.max(shares, Math.abs(sumOfWeights(point.y, scale) - 1));
}

/** The point whose weights sum to one, with its κ. */
function search(problem: BarrierProblem, scale: readonly number[]): Search {
  const uncapped = { ...problem, caps: new Float64Array(problem.n).fill(Number.POSITIVE_INFINITY) };
  const start = problem.budgets.map((budget) => Math.sqrt(budget));
  const unit = minimiseBarrier(uncapped, 1, start);
  const size = sumOfWeights(unit.y, scale);
  const y = unit.y.map((value) => value / size);
  const alone: Search = { y, product: multiply(problem.matrix, y), kappa: 1 / size ** 2, iterations: unit.rounds };
  if (y.every((value, a) => value <= (problem.caps[a] as number))) return alone;

  const room = sumOfWeights(problem.caps, scale);
  if (room <= 1 + 1e-12) return allAtCaps(problem, alone.iterations);
  return polish(problem, scale, bracket(problem, scale, alone));
}

/** Caps that sum to one leave one portfolio; the smallest κ for which R_i ≤ b_i κ. */
function allAtCaps(problem: BarrierProblem, iterations: number): Search {
  const y = problem.caps.slice();
  const product = multiply(problem.matrix, y);
  const kappa = y.reduce(
    (largest, value, a) => Math.max(largest, (value * (product[a] as number)) / (problem.budgets[a] as number)),
    0,
  );
  return { y, product, kappa, iterations };
}

/**
 * κ between one whose weights sum to less than one and one whose weights sum to more, halved down (Illinois steps).
 * The scan goes upward from where no cap binds, so that of several κ the least is found.
 */
function bracket(problem: BarrierProblem, scale: readonly number[], alone: Search): Search {
  let iterations = alone.iterations;
  const firstCap = alone.y.reduce((least, value, a) => Math.min(least, (problem.caps[a] as number) / value), 1);
  let from: Float64Array = alone.y.map((value) => value * firstCap);
  const at = (kappa: number): { excess: number; point: BarrierPoint } => {
    const point = minimiseBarrier(problem, kappa, from);
    iterations += point.rounds;
    from = point.y;
    return { excess: sumOfWeights(point.y, scale) - 1, point };
  };
  // Up to the κ at which the first asset meets its cap, weights grow together and sum to less than one.
  let low = Math.log(alone.kappa) + 2 * Math.log(firstCap);
  let lowExcess = firstCap - 1;
  let high = low;
  let highExcess = lowExcess;
  for (let round = 0, step = SCAN_STEP; highExcess < 0 && step < 512; round++, step *= round < SCAN_ROUNDS ? 1 : 2) {
    [low, lowExcess] = [high, highExcess];
    high += step;
    highExcess = at(Math.exp(high)).excess;
  }
  let middle = highExcess === 0 ? high : low;
  for (let round = 0; round < 200 && high - low > 1e-15 * Math.abs(low); round++) {
    // Every third step halves, so that a flat side cannot hold the bracket open.
    middle = round % 3 === 2 ? 0.5 * (low + high) : low - (lowExcess * (high - low)) / (highExcess - lowExcess);
    if (!(middle > low && middle < high)) middle = 0.5 * (low + high);
    const { excess, point } = at(Math.exp(middle));
    if (Math.abs(excess) < Math.max(1e-14, roundingNoise(point, Math.exp(middle)))) break;
    if (excess > 0) [high, highExcess, lowExcess] = [middle, excess, round % 3 === 1 ? lowExcess / 2 : lowExcess];
    else [low, lowExcess, highExcess] = [middle, excess, round % 3 === 1 ? highExcess / 2 : highExcess];
  }
  const { point } = at(Math.exp(middle));
  return { y: point.y, product: point.product, kappa: Math.exp(middle), iterations };
}

/** Newton's method in the weights no cap holds and κ together; keeps what it improves. */
function polish(problem: BarrierProblem, scale: readonly number[], rough: Search): Search {
  let best = rough;
  for (let round = 0; round < 6; round++) {
    const free = freeAssets(problem, best.y, best.product, best.kappa);
    const factor = free.length === 0 ? undefined : factorHessian(problem, best.y, free, best.kappa);
    if (factor === undefined) return best;
    const pull = new Float64Array(free.map((i) => (problem.budgets[i] as number) / (best.y[i] as number)));
    const slope = new Float64Array(free.map((i, a) => best.kappa * (pull[a] as number) - (best.product[i] as number)));
    const alongSlope = solveCholesky(factor, slope);
    const alongKappa = solveCholesky(factor, pull);
    const weigh = (values: Float64Array): number =>
      values.reduce((sum, value, a) => sum + value / (scale[free[a] as number] as number), 0);
    const kappaStep = (1 - sumOfWeights(best.y, scale) - weigh(alongSlope)) / weigh(alongKappa);
    const y = best.y.slice();
    free.forEach((i, a) => {
      y[i] = (y[i] as number) + (alongSlope[a] as number) + kappaStep * (alongKappa[a] as number);
    });
    const next: Search = {
      ...best,
      y,
      product: multiply(problem.matrix, y),
      kappa: best.kappa + kappaStep,
      iterations: best.iterations + 1,
    };
    const inside = y.every((value, a) => value > 0 && value <= (problem.caps[a] as number)) && next.kappa > 0;
    if (!inside || !(totalResidual(problem, next, scale) < totalResidual(problem, best, scale))) return best;
    best = next;
  }
  return best;
}
