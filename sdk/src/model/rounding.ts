/** Best weights found and their error, as a share of total risk. */
export type Rounded = { weights: number[]; error: number };

export type RoundingProblem = {
  /** shrunk covariance, row major n·n, any unit */
  matrix: Float64Array;
  /** {1} > 0 */
  budgets: readonly number[];
  /** {ppm} integers */
  caps: readonly number[];
  /** {ppm} not yet integers */
  weights: readonly number[];
};

const ONE = 1_000_000;

/** Whole ppm that sum to 10⁶ and stay within the caps: each rounded down, the largest remainders raised first. */
export function roundToPpm(weights: readonly number[], caps: readonly number[]): number[] {
  const rounded = weights.map((weight, i) => {
    const cap = caps[i] as number;
    // A weight at its cap up to rounding stands at its cap: there the rule is one-sided.
    return weight > cap - 1e-6 ? cap : Math.max(0, Math.floor(weight));
  });
  let missing = ONE - rounded.reduce((sum, weight) => sum + weight, 0);
  const byRemainder = weights
    .map((weight, i) => ({ i, rest: weight - (rounded[i] as number) }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i)
    .map(({ i }) => i);
  while (missing !== 0) {
    const before = missing;
    for (const i of missing > 0 ? byRemainder : byRemainder.toReversed()) {
      if (missing === 0) break;
      const next = (rounded[i] as number) + Math.sign(missing);
      if (next < 0 || next > (caps[i] as number)) continue;
      rounded[i] = next;
      missing -= Math.sign(missing);
    }
    if (missing === before) break;
  }
  return rounded;
}

/** Error of integer weights: the least tolerance over all κ, and the mean square to tell equal ones apart. */
function judge(problem: RoundingProblem, weights: readonly number[]): { error: number; spread: number } {
  const n = weights.length;
  const parts = new Array<number>(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (problem.matrix[i * n + j] as number) * (weights[j] as number);
    parts[i] = sum * (weights[i] as number);
    total += parts[i] as number;
  }
  if (!(total > 0)) return { error: Number.POSITIVE_INFINITY, spread: Number.POSITIVE_INFINITY };
  let error = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    const bi = problem.budgets[i] as number;
    for (let j = 0; j < n; j++) {
      if (j === i || (weights[j] as number) === (problem.caps[j] as number)) continue;
      const bj = problem.budgets[j] as number;
      const gap = ((parts[i] as number) * bj - (parts[j] as number) * bi) / (bi + bj) / total;
      if (gap <= 0) continue;
      spread += gap * gap;
      if (gap > error) error = gap;
    }
  }
  return { error, spread };
}

/**
 * Integer weights near a solution whose largest risk-share error is as small as moves of 1 ppm from one asset to
 * another can make it. Stops at the first set of weights no single move improves; if that is above `tolerance`, pairs
 * of moves are tried as well.
 * @param tolerance {1} of total risk
 */
export function roundWeights(problem: RoundingProblem, tolerance: number): Rounded {
  let weights = roundToPpm(problem.weights, problem.caps);
  let current = judge(problem, weights);
  const moves = movesOf(weights.length);
  for (let round = 0; round < 10_000; round++) {
    const better =
      bestNeighbour(problem, weights, current, moves) ??
      (current.error > tolerance ? bestPair(problem, weights, current, moves) : undefined);
    if (better === undefined) break;
    weights = better.weights;
    current = better.score;
  }
  return { weights, error: current.error };
}

type Score = { error: number; spread: number };
type Neighbour = { weights: number[]; score: Score };
type MoveOfOne = readonly [from: number, to: number];

const movesOf = (n: number): MoveOfOne[] =>
  Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n] as const).filter(([from, to]) => from !== to);

const lessThan = (a: Score, b: Score): boolean =>
  a.error < b.error * (1 - 1e-12) || (a.error <= b.error && a.spread < b.spread * (1 - 1e-9));

function moved(problem: RoundingProblem, weights: readonly number[], [from, to]: MoveOfOne): number[] | undefined {
  if ((weights[from] as number) < 1 || (weights[to] as number) >= (problem.caps[to] as number)) return undefined;
  const next = weights.slice();
  next[from] = (next[from] as number) - 1;
  next[to] = (next[to] as number) + 1;
  return next;
}

function bestNeighbour(
  problem: RoundingProblem,
  weights: readonly number[],
  current: Score,
  moves: readonly MoveOfOne[],
): Neighbour | undefined {
  let best: Neighbour | undefined;
  for (const move of moves) {
    const next = moved(problem, weights, move);
    if (next === undefined) continue;
    const score = judge(problem, next);
    if (lessThan(score, best?.score ?? current)) best = { weights: next, score };
  }
  return best;
}

function bestPair(
  problem: RoundingProblem,
  weights: readonly number[],
  current: Score,
  moves: readonly MoveOfOne[],
): Neighbour | undefined {
  let best: Neighbour | undefined;
  for (const move of moves) {
    const first = moved(problem, weights, move);
    if (first === undefined) continue;
    const pair = bestNeighbour(problem, first, best?.score ?? current, moves);
    if (pair !== undefined) best = pair;
  }
  return best;
}
