/**
 * Coefficients of the tables of docs/clearing.md, T: interpolation at Chebyshev nodes that are stretched to both ends of a
 * segment, so that neighbours meet, with long numbers; then rounding that costs as little as it can.
 */
import { divideDown, divideNearest } from "../../sdk/src/model/integers.ts";
import { LONG_BITS, LONG_ONE, longLn } from "../../sdk/src/model/tables/longNumbers.ts";
import { SEGMENT_COUNT, TABLE_SHAPES, type TableName, type TableShape } from "../../sdk/src/model/tables/shapes.ts";
import { longValue } from "../../sdk/src/model/tables/tableFunctions.ts";

/**
 * Millionths of half a segment, from its middle: cos((2i + 1)π / 2n) / cos(π / 2n), by the number of nodes n. One node stands
 * at the segment's beginning, so that rounding the slope leaves the value there exact.
 */
const NODES: readonly (readonly bigint[])[] = [
  [],
  [-1_000_000n],
  [-1_000_000n, 1_000_000n],
  [-1_000_000n, 0n, 1_000_000n],
  [-1_000_000n, -414_214n, 414_214n, 1_000_000n],
  [-1_000_000n, -618_034n, 0n, 618_034n, 1_000_000n],
];

const nodesOf = (count: number, width: bigint): bigint[] =>
  (NODES[count] as readonly bigint[]).map((node) => divideNearest(width * (1_000_000n + node), 2_000_000n));

/** Π (u − node), coefficients by power */
function productOf(nodes: readonly bigint[]): bigint[] {
  let product = [1n];
  for (const node of nodes) product = [0n, ...product].map((below, power) => below - node * (product[power] ?? 0n));
  return product;
}

/** Newton's divided differences, turned into powers of u. */
function interpolate(nodes: readonly bigint[], values: readonly bigint[]): bigint[] {
  const differences = [...values];
  for (let order = 1; order < nodes.length; order++) {
    for (let i = nodes.length - 1; i >= order; i--) {
      const rise = (differences[i] as bigint) - (differences[i - 1] as bigint);
      differences[i] = divideNearest(rise, (nodes[i] as bigint) - (nodes[i - order] as bigint));
    }
  }
  const coefficients = nodes.map(() => 0n);
  for (const [order, difference] of differences.entries()) {
    for (const [power, factor] of productOf(nodes.slice(0, order)).entries()) {
      coefficients[power] = (coefficients[power] as bigint) + difference * factor;
    }
  }
  return coefficients;
}

/** Integer coefficients of one segment, by power. */
export function segmentCoefficients(table: TableName, segment: number): bigint[] {
  const { uBits, degree, scaleBits }: TableShape = TABLE_SHAPES[table];
  const width = 1n << BigInt(uBits);
  const nodes = nodesOf(degree + 1, width);
  // {long · scale}: dividing by powers of nodes leaves more than a hundred bits
  const values = nodes.map((u) => longValue(table, BigInt(segment) * width + u) << BigInt(scaleBits));
  const coefficients = interpolate(nodes, values);
  // From the top, each is rounded, and what that changes is taken back by the best polynomial of lower degree.
  for (let power = degree; power >= 0; power--) {
    const exact = coefficients[power] as bigint;
    // a slope rounded down never overshoots the next segment's beginning
    const rounded = power === 1 ? divideDown(exact, LONG_ONE) : divideNearest(exact, LONG_ONE);
    const excess = exact - (rounded << BigInt(LONG_BITS));
    for (const [place, factor] of productOf(nodesOf(power, width)).entries()) {
      coefficients[place] = (coefficients[place] as bigint) - excess * factor;
    }
  }
  return coefficients.map((coefficient) => coefficient >> BigInt(LONG_BITS));
}

/** {scale of `logarithm`} ln 2, to nearest */
export const logarithmOfTwo = (): bigint =>
  divideNearest(longLn(2n * LONG_ONE) << BigInt(TABLE_SHAPES.logarithm.scaleBits), LONG_ONE);

/** Coefficients by segment, then by power. */
export const tableCoefficients = (table: TableName): bigint[][] =>
  Array.from({ length: SEGMENT_COUNT }, (_, segment) => segmentCoefficients(table, segment));
