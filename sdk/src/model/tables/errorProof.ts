import { magnitude } from "../integers.ts";
import { COEFFICIENTS } from "./coefficients.ts";
import { LONG_BITS, LONG_ONE, longTimes } from "./longNumbers.ts";
import { SEGMENT_COUNT, TABLE_SHAPES, type TableName, type TableShape } from "./shapes.ts";
import { longValue } from "./tableFunctions.ts";

/**
 * The proof of T-5. Each segment is cut into pieces; in each, polynomial less function is its Taylor series at the middle:
 * |e(m + δ)| ≤ |e(m)| + |e′(m)| r + |e″(m)| r² / 2 + M r³ / 6 for |δ| ≤ r, with M a bound of |e‴| over the whole table.
 * Everything is a {long} number, wrong by less than 2⁻²⁰⁰.
 */

/** Pieces of a segment: at the peaks of an error e′ is nearly 0, so that few are enough. */
const PIECES = 128;

type Derivatives = {
  /** {long} first and second derivative of the function by its own argument, at the argument and its value there */
  readonly at: (argument: bigint, value: bigint) => readonly [first: bigint, second: bigint];
  /** {1} bound of the absolute third derivative of the function, and of the polynomial, over the whole table */
  readonly third: bigint;
  /** {long} the function's argument per unit of the table's */
  readonly unit: bigint;
};

/** {long} numbers: the argument of φ, and Φ, φ and their derivatives there */
const normalArgument = (argument: bigint): bigint => ((3n * argument) << BigInt(LONG_BITS)) >> 28n;

const DERIVATIVES: Readonly<Record<TableName, Derivatives>> = {
  // Φ' = φ, Φ″ = −x φ, |Φ‴| = |x² − 1| φ ≤ 0.4
  normal: {
    at: (argument) => {
      const density = longValue("density", argument);
      return [density, -longTimes(normalArgument(argument), density)];
    },
    third: 1n,
    unit: (3n << BigInt(LONG_BITS)) >> 28n,
  },
  // φ′ = −x φ, φ″ = (x² − 1) φ, |φ‴| = |3x − x³| φ ≤ 0.56
  density: {
    at: (argument, density) => {
      const x = normalArgument(argument);
      return [-longTimes(x, density), longTimes(longTimes(x, x) - LONG_ONE, density)];
    },
    third: 1n,
    unit: (3n << BigInt(LONG_BITS)) >> 28n,
  },
  // 1 / (1 + g), −1 / (1 + g)², 2 / (1 + g)³
  logarithm: {
    at: (argument) => {
      const first = (1n << BigInt(2 * LONG_BITS)) / (LONG_ONE + ((argument << BigInt(LONG_BITS)) >> 29n));
      return [first, -longTimes(first, first)];
    },
    third: 2n,
    unit: LONG_ONE >> 29n,
  },
  // eˣ ≤ e^1.25
  exponential: { at: (_, value) => [value, value], third: 4n, unit: LONG_ONE >> 26n },
};

function largest(values: readonly bigint[]): bigint {
  let found = values[0] as bigint;
  for (const value of values) if (value > found) found = value;
  return found;
}

/** {long} value and first three derivatives by u of a segment's polynomial */
function polynomialAt(coefficients: readonly bigint[], u: bigint, scaleBits: number): bigint[] {
  const derivatives: bigint[] = [];
  let row = [...coefficients];
  for (let order = 0; order < 4; order++) {
    const value = row.reduceRight((sum, coefficient) => sum * u + coefficient, 0n);
    derivatives.push(value << BigInt(LONG_BITS - scaleBits));
    row = row.slice(1).map((coefficient, power) => coefficient * BigInt(power + 1));
  }
  return derivatives;
}

/**
 * {long} what no |value − function| of a segment exceeds.
 * @param coefficients of the segment, by power
 */
export function segmentErrorBound(
  table: TableName,
  segment: number,
  coefficients: readonly bigint[] = COEFFICIENTS[table][segment] as readonly bigint[],
): bigint {
  const { uBits, scaleBits }: TableShape = TABLE_SHAPES[table];
  const { at, third, unit } = DERIVATIVES[table];
  const width = 1n << BigInt(uBits);
  const radius = width / BigInt(2 * PIECES);
  // the polynomial's own third derivative is largest at an end: it is linear at most
  const thirdAt = (u: bigint): bigint => magnitude(polynomialAt(coefficients, u, scaleBits)[3] as bigint);
  const polynomialThird = largest([thirdAt(0n), thirdAt(width)]);
  const cube = third * longTimes(longTimes(unit, unit), unit) + third + polynomialThird;
  const bounds: bigint[] = [];
  for (let piece = 0n; piece < PIECES; piece++) {
    const u = (2n * piece + 1n) * radius;
    const argument = BigInt(segment) * width + u;
    const value = longValue(table, argument);
    const [first, second] = at(argument, value);
    const [p0, p1, p2] = polynomialAt(coefficients, u, scaleBits) as [bigint, bigint, bigint];
    const e0 = magnitude(p0 - value);
    const e1 = magnitude(p1 - longTimes(first, unit));
    const e2 = magnitude(p2 - longTimes(longTimes(second, unit), unit));
    bounds.push(e0 + e1 * radius + (e2 * radius * radius) / 2n + (cube * radius ** 3n) / 6n);
  }
  return largest(bounds);
}

/** {ppt of one} rounded up, over all segments */
export function tableErrorBound(table: TableName): bigint {
  const bounds = Array.from({ length: SEGMENT_COUNT }, (_, segment) => segmentErrorBound(table, segment));
  return ((largest(bounds) * 10n ** 12n) >> BigInt(LONG_BITS)) + 1n;
}

/**
 * Whether a segment's polynomial never falls: its derivative's Bernstein coefficients over the segment are all at least 0.
 * Exact.
 */
export function segmentNeverFalls(table: TableName, coefficients: readonly bigint[]): boolean {
  const width = 1n << BigInt(TABLE_SHAPES[table].uBits);
  const degree = coefficients.length - 2;
  const derivative = coefficients.slice(1).map((coefficient, power) => coefficient * BigInt(power + 1));
  const choose = (n: number, k: number): bigint => {
    let product = 1n;
    for (let i = 0; i < k; i++) product = (product * BigInt(n - i)) / BigInt(i + 1);
    return product;
  };
  return derivative.every((_, i) => {
    // b[i] = Σ C(i, j) / C(degree, j) d[j] widthʲ, times 12, which every C(3, j) and C(2, j) divides
    let sum = 0n;
    for (let j = 0; j <= i; j++) {
      sum += (12n * choose(i, j) * (derivative[j] as bigint) * width ** BigInt(j)) / choose(degree, j);
    }
    return sum >= 0n;
  });
}
