import { cholesky, solveCholesky } from "./cholesky.ts";

/**
 * Risk budgeting as a convex problem, in units in which every asset has variance one:
 *
 *   minimise ½ yᵀCy − κ Σ b_i ln y_i   over 0 < y_i ≤ u_i.
 *
 * Its stationarity is y_i (Cy)_i = b_i κ where y_i < u_i and y_i (Cy)_i ≤ b_i κ where y_i = u_i: the conditions of P-3.
 */
export type BarrierProblem = {
  n: number;
  /** C, row major n·n, positive semidefinite, ones on the diagonal */
  matrix: Float64Array;
  /** b_i > 0 */
  budgets: Float64Array;
  /** u_i > 0, Infinity where there is no cap */
  caps: Float64Array;
};

/** A point, its gradient part (Cy) and how many rounds it took. */
export type BarrierPoint = { y: Float64Array; product: Float64Array; rounds: number };

/** C y */
export function multiply(matrix: Float64Array, y: Float64Array): Float64Array {
  const n = y.length;
  const product = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (matrix[i * n + j] as number) * (y[j] as number);
    product[i] = sum;
  }
  return product;
}

function objective(problem: BarrierProblem, y: Float64Array, product: Float64Array, kappa: number): number {
  let value = 0;
  for (let i = 0; i < problem.n; i++) {
    value +=
      0.5 * (y[i] as number) * (product[i] as number) -
      kappa * (problem.budgets[i] as number) * Math.log(y[i] as number);
  }
  return value;
}

/** Assets whose weight is not held by its cap: below it, or at it and wanting to fall. */
export function freeAssets(problem: BarrierProblem, y: Float64Array, product: Float64Array, kappa: number): number[] {
  const free: number[] = [];
  for (let i = 0; i < problem.n; i++) {
    const wantsMore = (product[i] as number) * (y[i] as number) <= kappa * (problem.budgets[i] as number);
    if (!((y[i] as number) >= (problem.caps[i] as number) && wantsMore)) free.push(i);
  }
  return free;
}

/** Largest |y_i (Cy)_i − b_i κ| / κ over free assets: how far the point is from solving the problem. */
export const barrierResidual = (problem: BarrierProblem, point: BarrierPoint, kappa: number): number =>
  faceResidual(problem, point, freeAssets(problem, point.y, point.product, kappa), kappa);

/**
 * What the digits of a double leave undecided of y_i (Cy)_i / κ. Grows when assets hedge one another: large positions
 * then cancel to a small risk.
 */
export function roundingNoise(point: { y: Float64Array }, kappa: number): number {
  let [largest, sum] = [0, 0];
  for (const value of point.y) {
    largest = Math.max(largest, value);
    sum += value;
  }
  return (2 * Number.EPSILON * largest * sum) / kappa;
}

function faceResidual(problem: BarrierProblem, point: BarrierPoint, free: readonly number[], kappa: number): number {
  let largest = 0;
  for (const i of free) {
    const gap = Math.abs(
      (point.y[i] as number) * (point.product[i] as number) - kappa * (problem.budgets[i] as number),
    );
    largest = Math.max(largest, gap / kappa);
  }
  return largest;
}

/** One coordinate after another to its own minimum. Always descends; `y` and `product` change in place. */
function sweep(problem: BarrierProblem, y: Float64Array, product: Float64Array, kappa: number): void {
  const { n, matrix, budgets, caps } = problem;
  for (let i = 0; i < n; i++) {
    const own = matrix[i * n + i] as number;
    const others = (product[i] as number) - own * (y[i] as number);
    // Positive root of own·y² + others·y − κ b = 0, written so that it never subtracts equal numbers.
    const target = kappa * (budgets[i] as number);
    const root = Math.sqrt(others * others + 4 * own * target);
    const best = others > 0 ? (2 * target) / (others + root) : (root - others) / (2 * own);
    const next = Math.min(best, caps[i] as number);
    const step = next - (y[i] as number);
    if (step === 0) continue;
    y[i] = next;
    for (let j = 0; j < n; j++) product[j] = (product[j] as number) + (matrix[j * n + i] as number) * step;
  }
}

/** Hessian of the free assets, C_FF + diag(κ b / y²), factored. */
export function factorHessian(
  problem: BarrierProblem,
  y: Float64Array,
  free: number[],
  kappa: number,
): Float64Array | undefined {
  const m = free.length;
  const hessian = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    const i = free[a] as number;
    for (let c = 0; c <= a; c++) hessian[a * m + c] = problem.matrix[i * problem.n + (free[c] as number)] as number;
    hessian[a * m + a] =
      (hessian[a * m + a] as number) + (kappa * (problem.budgets[i] as number)) / (y[i] as number) ** 2;
  }
  const factor = cholesky(hessian, m);
  return factor instanceof Float64Array ? factor : undefined;
}

/** Where a round ended: the point moved, ran into a cap, or could not descend any further. */
type Move = "moved" | "atCap" | "still";

/**
 * A Newton step over the free assets, cut where the first of them meets its cap or comes close to zero and then halved
 * until it descends. Changes `point` in place.
 */
function newtonStep(problem: BarrierProblem, point: BarrierPoint, free: number[], kappa: number): Move {
  const factor = factorHessian(problem, point.y, free, kappa);
  if (factor === undefined) return "still";
  const slope = new Float64Array(
    free.map((i) => (kappa * (problem.budgets[i] as number)) / (point.y[i] as number) - (point.product[i] as number)),
  );
  const direction = solveCholesky(factor, slope);
  let length = 1;
  let blocking = -1;
  free.forEach((i, a) => {
    const step = direction[a] as number;
    const room = (problem.caps[i] as number) - (point.y[i] as number);
    if (step > 0 && step * length > room) {
      length = room / step;
      blocking = i;
    } else if (step < 0 && -step * length > 0.9 * (point.y[i] as number)) {
      length = (0.9 * (point.y[i] as number)) / -step;
      blocking = -1;
    }
  });
  const before = objective(problem, point.y, point.product, kappa);
  const residualBefore = faceResidual(problem, point, free, kappa);
  const noise = kappa * roundingNoise(point, kappa);
  for (; length > 1e-12 || blocking >= 0; length /= 2) {
    const y = point.y.slice();
    free.forEach((i, a) => {
      y[i] = Math.min((point.y[i] as number) + length * (direction[a] as number), problem.caps[i] as number);
    });
    if (blocking >= 0) y[blocking] = problem.caps[blocking] as number;
    const product = multiply(problem.matrix, y);
    const after = objective(problem, y, product, kappa);
    // Near the solution, and when a cap is met at once, the objective no longer shows progress in its digits.
    const settling = faceResidual(problem, { y, product, rounds: 0 }, free, kappa) < 0.9 * residualBefore;
    if (after < before || settling || (blocking >= 0 && after <= before + noise)) {
      point.y = y;
      point.product = product;
      return blocking >= 0 ? "atCap" : "moved";
    }
    blocking = -1;
  }
  return "still";
}

/**
 * Minimiser of the problem for one κ: an active set method. Newton's method runs over the assets that no cap holds;
 * one that meets its cap is held there, and once the rest has settled those that want to fall are let go. Every round
 * descends, so no set of held assets comes twice. Returns the best point reached; judge it by its residual.
 */
export function minimiseBarrier(problem: BarrierProblem, kappa: number, start: Float64Array): BarrierPoint {
  const y = start.map((value, i) => Math.min(value, problem.caps[i] as number));
  const point: BarrierPoint = { y, product: multiply(problem.matrix, y), rounds: 0 };
  sweep(problem, point.y, point.product, kappa);
  point.product = multiply(problem.matrix, point.y);
  const held = new Set<number>();
  const all = Array.from({ length: problem.n }, (_, i) => i);
  const loose = new Set(freeAssets(problem, point.y, point.product, kappa));
  for (const i of all) if (!loose.has(i)) held.add(i);

  let settled = 0;
  const limit = 200 + 10 * problem.n;
  while (point.rounds < limit) {
    point.rounds++;
    const free = all.filter((i) => !held.has(i));
    const residual = faceResidual(problem, point, free, kappa);
    const previous = { y: point.y, product: point.product };
    const move = free.length === 0 || residual < 1e-16 ? "still" : newtonStep(problem, point, free, kappa);
    if (move === "atCap") {
      for (const i of free) if ((point.y[i] as number) >= (problem.caps[i] as number)) held.add(i);
      settled = 0;
      continue;
    }
    // Quadratic convergence ends in rounding: two rounds without a better residual are the end of the digits.
    if (move === "moved") {
      const after = faceResidual(problem, point, free, kappa);
      if (after >= residual && residual < 1e-6) {
        point.y = previous.y;
        point.product = previous.product;
        settled++;
      } else settled = 0;
      if (settled === 0 && after > 1e-15) continue;
    }
    const noise = kappa * roundingNoise(point, kappa);
    if (move === "still" && free.length > 0 && residual > 1e-9 + 100 * roundingNoise(point, kappa)) {
      sweep(problem, point.y, point.product, kappa);
      point.product = multiply(problem.matrix, point.y);
      continue;
    }
    const falling = [...held].filter(
      (i) => (point.y[i] as number) * (point.product[i] as number) - kappa * (problem.budgets[i] as number) > noise,
    );
    if (falling.length === 0) break;
    for (const i of falling) held.delete(i);
    settled = 0;
    const before = objective(problem, point.y, point.product, kappa);
    sweep(problem, point.y, point.product, kappa);
    point.product = multiply(problem.matrix, point.y);
    for (const i of all) if ((point.y[i] as number) >= (problem.caps[i] as number) && !falling.includes(i)) held.add(i);
    if (!(objective(problem, point.y, point.product, kappa) < before + noise)) break;
  }
  return point;
}
