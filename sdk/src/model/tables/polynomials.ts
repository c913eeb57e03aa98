import { COEFFICIENTS, LOGARITHM_OF_TWO } from "./coefficients.ts";
import {
  ARGUMENT_LIMIT,
  EXPONENT_LIMIT,
  EXPONENT_MINIMUM,
  GRID_BITS,
  SEGMENT_COUNT,
  TABLE_SHAPES,
  type TableName,
} from "./shapes.ts";

/** An argument is outside of what a table, or the logarithm around it, covers. */
export class ArgumentOutOfRange extends Error {
  override name = "ArgumentOutOfRange";
  constructor(of: string, argument: bigint, minimum: bigint, limit: bigint) {
    super(
      `${of} of ${argument}; it covers ${minimum} to ${limit - 1n}: bring prices and times into their bounds first`,
    );
  }
}

/** Arguments of a table are below this. */
export const tableLimit = (table: TableName): bigint => BigInt(SEGMENT_COUNT) << BigInt(TABLE_SHAPES[table].uBits);

/**
 * T-1: the polynomial of an argument's segment, exact.
 * @returns {2^scaleBits of the table}
 * @throws ArgumentOutOfRange
 */
export function tableValue(table: TableName, argument: bigint): bigint {
  if (argument < 0n || argument >= tableLimit(table)) {
    throw new ArgumentOutOfRange(table, argument, 0n, tableLimit(table));
  }
  const { uBits } = TABLE_SHAPES[table];
  const coefficients = COEFFICIENTS[table][Number(argument >> BigInt(uBits))] as readonly bigint[];
  const u = argument & ((1n << BigInt(uBits)) - 1n);
  return coefficients.reduceRight((value, coefficient) => value * u + coefficient, 0n);
}

/** {1} one at the scale of Φ and φ */
export const NORMAL_ONE = 1n << BigInt(TABLE_SHAPES.normal.scaleBits);

/**
 * T-2: Φ of any argument {units of 3 · 2⁻²⁸}.
 * @returns {2⁻¹¹⁷}
 */
export function normalOf(argument: bigint): bigint {
  const distance = argument < 0n ? -argument : argument;
  const upper = distance >= ARGUMENT_LIMIT ? NORMAL_ONE : tableValue("normal", distance);
  return argument < 0n ? NORMAL_ONE - upper : upper;
}

/** φ, the same on both sides and 0 from 6 on {2⁻¹¹⁷}. */
export function densityOf(argument: bigint): bigint {
  const distance = argument < 0n ? -argument : argument;
  return distance >= ARGUMENT_LIMIT ? 0n : tableValue("density", distance);
}

/** {bits} of the point in the argument of {@link logarithmOf} */
export const RATIO_BITS = 40n;
/** T-3 covers ratios from here … */
export const RATIO_MINIMUM = 1n << 30n;
/** … to below here. */
export const RATIO_LIMIT = 1n << 50n;
/** Bits of a ratio below its highest that the logarithm sees. */
const MANTISSA_BITS = 29;

/**
 * T-3: ln of ratio / 2⁴⁰, rounded down.
 * @returns {grid}
 * @throws ArgumentOutOfRange
 */
export function logarithmOf(ratio: bigint): bigint {
  if (ratio < RATIO_MINIMUM || ratio >= RATIO_LIMIT) {
    throw new ArgumentOutOfRange("logarithm", ratio, RATIO_MINIMUM, RATIO_LIMIT);
  }
  const exponent = ratio.toString(2).length - 1;
  const mantissa = ((ratio << BigInt(MANTISSA_BITS)) >> BigInt(exponent)) - (1n << BigInt(MANTISSA_BITS));
  const value = (BigInt(exponent) - RATIO_BITS) * LOGARITHM_OF_TWO + tableValue("logarithm", mantissa);
  return value >> BigInt(TABLE_SHAPES.logarithm.scaleBits - GRID_BITS);
}

/**
 * T-4: exp of an exponent {grid} in [−¾, 1¼), rounded down.
 * @returns {grid}
 * @throws ArgumentOutOfRange
 */
export function exponentialOf(exponent: bigint): bigint {
  if (exponent < EXPONENT_MINIMUM || exponent >= EXPONENT_LIMIT) {
    throw new ArgumentOutOfRange("exponential", exponent, EXPONENT_MINIMUM, EXPONENT_LIMIT);
  }
  const value = tableValue("exponential", exponent - EXPONENT_MINIMUM);
  return value >> BigInt(TABLE_SHAPES.exponential.scaleBits - GRID_BITS);
}
