/**
 * Numbers of {@link LONG_BITS} bits after the point, for making the tables and for proving their errors. Every function
 * is within 2⁻²³⁰ of the real one over the arguments that tables need: sums of at most 300 terms, each rounded once.
 */
import { divideNearest, squareRootDown } from "../integers.ts";

export const LONG_BITS = 256;
const BITS = BigInt(LONG_BITS);
export const LONG_ONE = 1n << BITS;

/** {long} a quotient of integers, divisor > 0 */
export const longOf = (dividend: bigint, divisor: bigint): bigint => divideNearest(dividend << BITS, divisor);
/** {long} = {long} · {long} */
export const longTimes = (a: bigint, b: bigint): bigint => (a * b + (LONG_ONE >> 1n)) >> BITS;
/** {long} = {long} / {long}, divisor > 0 */
export const longOver = (a: bigint, b: bigint): bigint => divideNearest(a << BITS, b);

/** Σ of terms until they vanish. `next` gives term n from term n − 1. */
function series(first: bigint, next: (term: bigint, n: bigint) => bigint): bigint {
  let sum = 0n;
  let term = first;
  for (let n = 1n; term !== 0n; n++) {
    sum += term;
    term = next(term, n);
  }
  return sum;
}

/** Toward zero, so that series end. */
const shrink = (a: bigint): bigint => (a < 0n ? -(-a >> BITS) : a >> BITS);

/** {long} arctan of 1 / n, by its power series */
const arctanOfInverse = (n: bigint): bigint => {
  let sum = 0n;
  let power = LONG_ONE / n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -(power / k);
    power /= n * n;
  }
  return sum;
};

/** {long} Machin's formula */
export const LONG_PI = 4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n));

/** {long} eˣ for |x| ≤ 64: the power series of x / 64, squared six times; relative error below 2⁻²⁴⁰ */
export function longExp(x: bigint): bigint {
  let power = series(LONG_ONE, (term, n) => shrink(term * (x >> 6n)) / n);
  for (let i = 0; i < 6; i++) power = longTimes(power, power);
  return power;
}

/** {long} ln x for x > 0: halves or doubles x into [⅔, 4⁄3), then 2 artanh((x − 1) / (x + 1)) */
export function longLn(x: bigint): bigint {
  const artanh = (mantissa: bigint): bigint => {
    const z = longOver(mantissa - LONG_ONE, mantissa + LONG_ONE);
    const square = longTimes(z, z);
    let sum = 0n;
    for (let [power, k] = [z, 1n]; power !== 0n; [power, k] = [shrink(power * square), k + 2n]) sum += power / k;
    return sum;
  };
  let [mantissa, exponent] = [x, 0n];
  while (3n * mantissa >= 4n * LONG_ONE) [mantissa, exponent] = [mantissa >> 1n, exponent + 1n];
  while (3n * mantissa < 2n * LONG_ONE) [mantissa, exponent] = [mantissa << 1n, exponent - 1n];
  // ln 2 = 2 artanh(1/3)
  return 2n * artanh(mantissa) + exponent * 2n * artanh(2n * LONG_ONE);
}

/** {long} φ(x) = e^(−x²/2) / √(2π) */
export const longDensity = (x: bigint): bigint =>
  longOver(longExp(-longTimes(x, x) / 2n), squareRootDown((2n * LONG_PI) << BITS));

/** {long} Φ(x) = ½ + φ(x) Σ x^(2n+1) / (1 · 3 ⋯ (2n + 1)), all terms of one sign, |x| ≤ 12 */
export function longNormal(x: bigint): bigint {
  const square = longTimes(x, x);
  const sum = series(x, (term, n) => shrink(term * square) / (2n * n + 1n));
  return LONG_ONE / 2n + longTimes(longDensity(x), sum);
}
