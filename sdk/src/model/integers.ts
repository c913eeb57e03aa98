/** Largest integer whose square is at most `value` ≥ 0. */
export function squareRootDown(value: bigint): bigint {
  if (value < 0n) throw new RangeError(`square root of ${value}: the smallest square is 0`);
  if (value < 2n) return value;
  // Newton from above falls monotonically to the floor.
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Quotient rounded toward −∞, divisor > 0. */
export const divideDown = (dividend: bigint, divisor: bigint): bigint =>
  dividend >= 0n ? dividend / divisor : -((-dividend + divisor - 1n) / divisor);

/** Quotient rounded toward +∞, divisor > 0. */
export const divideUp = (dividend: bigint, divisor: bigint): bigint => -divideDown(-dividend, divisor);

/** Quotient rounded to the nearest integer, halves up, divisor > 0. */
export const divideNearest = (dividend: bigint, divisor: bigint): bigint =>
  divideDown(2n * dividend + divisor, 2n * divisor);

/** An integer without its sign. */
export const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
/** The larger of two integers; `Math.max` takes none. */
export const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);
/** The smaller of two integers; `Math.min` takes none. */
export const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other);
