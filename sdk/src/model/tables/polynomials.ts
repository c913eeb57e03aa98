import { magnitude } from "../integers.ts";
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
  const distance = magnitude(argument);
  const upper = distance >= ARGUMENT_LIMIT ? NORMAL_ONE : tableValue("normal", distance);
  return argument < 0n ? NORMAL_ONE - upper : upper;
}

/** φ, the same on both sides and 0 from 6 on {2⁻¹¹⁷}. */
export function densityOf(argument: bigint): bigint {
  const distance = magnitude(argument);
  return distance >= ARGUMENT_LIMIT ? 0n : tableValue("density", distance);
}

/** T-3 covers ratios from 2⁻¹⁰ to below 2¹⁰. */
export const RATIO_BITS = 10n;
/** Bits of a ratio below its highest that the logarithm sees. */
const MANTISSA_BITS = 29n;

/** A ratio is outside of what the logarithm covers. */
export class RatioOutOfRange extends Error {
  override name = "RatioOutOfRange";
  constructor(dividend: bigint, divisor: bigint) {
    super(
      `logarithm of ${dividend} / ${divisor}; it covers 2^-${RATIO_BITS} to 2^${RATIO_BITS}: ` +
        "a strike as far from its forward as that cannot be priced",
    );
  }
}

/** e with 2ᵉ ≤ dividend / divisor < 2ᵉ⁺¹ */
function exponentOf(dividend: bigint, divisor: bigint): bigint {
  const guess = BigInt(dividend.toString(2).length - divisor.toString(2).length);
  const reaches = guess >= 0n ? dividend >= divisor << guess : dividend << -guess >= divisor;
  return reaches ? guess : guess - 1n;
}

/**
 * T-3: ln of dividend / divisor, both positive, rounded down.
 * @returns {grid}
 * @throws RatioOutOfRange
 */
export function logarithmOf(dividend: bigint, divisor: bigint): bigint {
  if (divisor <= 0n || dividend << RATIO_BITS < divisor || dividend >= divisor << RATIO_BITS) {
    throw new RatioOutOfRange(dividend, divisor);
  }
  const exponent = exponentOf(dividend, divisor);
  const mantissa = (dividend << (MANTISSA_BITS - exponent)) / divisor - (1n << MANTISSA_BITS);
  const value = exponent * LOGARITHM_OF_TWO + tableValue("logarithm", mantissa);
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
