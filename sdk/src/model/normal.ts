/**
 * The normal distribution in double precision: relative error below 10⁻¹⁵ wherever the result is not subnormal, down to
 * Φ(−37.5) ≈ 5 · 10⁻³⁰⁸. The integer pricing has its own tables; these figures check them and never decide.
 *
 * Near 0 Φ is ½ plus the density times x Σ x²ⁿ / (1 · 3 ⋯ (2n + 1)), whose terms all have one sign. Beyond, 1 − Φ is the
 * density over Laplace's continued fraction x + 1 / (x + 2 / (x + 3 / …)), again without a subtraction (Abramowitz and
 * Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14).
 */

/** {1} from here outwards the continued fraction takes over: Φ is nowhere less than a fifth of what the series adds to ½ */
const SERIES_LIMIT = 0.8;
/** {1} Φ and φ are 0 in double precision beyond */
const DENSITY_LIMIT = 39;
const INVERSE_ROOT_TWO_PI = 0.3989422804014327;

/** A probability that is none. */
export class ProbabilityOutOfRange extends Error {
  override name = "ProbabilityOutOfRange";
  constructor(value: unknown) {
    super(`the probability is ${String(value)} and must be a number from 0 to 1: bring it into that range`);
  }
}

/** An argument of the distribution that is not a number. */
export class ArgumentNotNumber extends Error {
  override name = "ArgumentNotNumber";
  constructor(value: unknown) {
    super(`the argument of the normal distribution is ${String(value)} and must be a number: check what it came from`);
  }
}

function checkArgument(x: number): void {
  if (typeof x !== "number" || Number.isNaN(x)) throw new ArgumentNotNumber(x);
}

/** φ(x). The square is split so that its rounding, large in the tails, does not reach the exponent. */
export function normalDensity(x: number): number {
  checkArgument(x);
  if (Math.abs(x) > DENSITY_LIMIT) return 0;
  const near = Math.round(x * 16) / 16;
  return INVERSE_ROOT_TWO_PI * Math.exp(-0.5 * near * near) * Math.exp(-0.5 * (x - near) * (x + near));
}

/** (Φ(x) − ½) / φ(x) for |x| at most SERIES_LIMIT */
function centralRatio(x: number): number {
  let [sum, term] = [0, x];
  for (let odd = 3; Math.abs(term) > 1e-18 * Math.abs(sum); odd += 2) {
    sum += term;
    term *= (x * x) / odd;
  }
  return sum;
}

/** Mills' ratio (1 − Φ(x)) / φ(x) for x at least LEAST_DISTANCE */
function millsRatio(x: number): number {
  const depth = 20 + Math.ceil(200 / (x * x));
  let fraction = 0.5 * (x + Math.sqrt(x * x + 4 * depth));
  for (let n = depth; n > 0; n--) fraction = x + n / fraction;
  return 1 / fraction;
}

/** Φ(x), the standard normal distribution function; ±∞ are arguments too. */
export function normalCdf(x: number): number {
  checkArgument(x);
  if (Math.abs(x) <= SERIES_LIMIT) return 0.5 + normalDensity(x) * centralRatio(x);
  const tail = Math.abs(x) > DENSITY_LIMIT ? 0 : normalDensity(x) * millsRatio(Math.abs(x));
  return x < 0 ? tail : 1 - tail;
}

/** {1} quantiles of probabilities this near to ½ come from the series: Φ(0.8) − ½ is 0.2881 */
const CENTRAL_OFFSET = 0.28;
/** {1} and the others are farther from 0 than this: Φ(−0.77) is 0.2206 */
const LEAST_DISTANCE = 0.77;

/** {1} x of the lower half with ln Φ(x) = ln p: ln Φ is concave, so that Newton's method cannot miss from any start */
function lowerQuantile(p: number): number {
  const logarithm = Math.log(p);
  let x = -Math.sqrt(-2 * logarithm);
  for (let round = 0; round < 20; round++) {
    const distance = Math.max(LEAST_DISTANCE, -x);
    const ratio = millsRatio(distance);
    const value = Math.log(INVERSE_ROOT_TWO_PI * ratio) - 0.5 * distance * distance;
    const next = -distance + (logarithm - value) * ratio;
    if (Math.abs(next - x) <= 1e-16 * distance) return next;
    x = next;
  }
  return x;
}

/** {1} x near 0 with Φ(x) − ½ = offset, to full relative precision */
function centralQuantile(offset: number): number {
  let x = offset / INVERSE_ROOT_TWO_PI;
  for (let round = 0; round < 20; round++) {
    const step = offset / normalDensity(x) - centralRatio(x);
    x += step;
    if (Math.abs(step) <= 1e-16 * Math.abs(x)) return x;
  }
  return x;
}

/**
 * x with Φ(x) = p, by Newton's method on the functions above; −∞ and ∞ for 0 and 1.
 * @throws ProbabilityOutOfRange
 */
export function normalQuantile(p: number): number {
  if (typeof p !== "number" || !(p >= 0 && p <= 1)) throw new ProbabilityOutOfRange(p);
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity;
  if (Math.abs(p - 0.5) < CENTRAL_OFFSET) return centralQuantile(p - 0.5);
  return p < 0.5 ? lowerQuantile(p) : -lowerQuantile(1 - p);
}
