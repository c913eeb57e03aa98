/** Shapes of the piecewise polynomials: docs/clearing.md, T. Coefficients are generated from these. */

/** Segments of every table, 2⁵: one lookup of five bits gives all coefficients of a segment. */
export const SEGMENT_BITS = 5;
/** Segments of every table: docs/clearing.md, T-1. */
export const SEGMENT_COUNT = 1 << SEGMENT_BITS;

/** The form of a table: docs/clearing.md, T-1. */
export type TableShape = {
  /** the argument's bits below the segment; u is less than 2^uBits */
  readonly uBits: number;
  readonly degree: number;
  /** values are integers at scale 2^scaleBits */
  readonly scaleBits: number;
  /** {ppt of one} |value − function| is at most this everywhere in the table; tables.test.ts proves it */
  readonly error: bigint;
};

/**
 * Every bit of `scaleBits` of Φ costs a constraint in each of 496 prices; below 117 the rounding of its last coefficient
 * shows in the error. Segments of 3/16 end at 6, where the missing tail is 10⁻⁹; segments of ¼ would have four times the error.
 */
export const TABLE_SHAPES = {
  /** Φ(x), argument x / ARGUMENT_UNIT below 2²⁹ */
  normal: { uBits: 24, degree: 4, scaleBits: 117, error: 5_780n },
  /** φ(x), the same argument */
  density: { uBits: 24, degree: 4, scaleBits: 117, error: 12_120n },
  /** ln(1 + g), argument g · 2²⁹ */
  logarithm: { uBits: 24, degree: 3, scaleBits: 98, error: 2_540n },
  /** eˣ, argument (x + ¾) · 2²⁶ below 2²⁷ */
  exponential: { uBits: 22, degree: 3, scaleBits: 92, error: 23_390n },
} as const satisfies Record<string, TableShape>;
/** A function that has a table. */
export type TableName = keyof typeof TABLE_SHAPES;
/** Every table, in the order they are generated. */
export const TABLES = Object.keys(TABLE_SHAPES) as TableName[];

/** Arguments of Φ and φ count units of 3 · 2⁻²⁸, so that 2²⁹ of them are 6. */
export const ARGUMENT_UNIT = { numerator: 3n, shift: 28n } as const;
/** Arguments of Φ and φ are below this; from here on Φ is 1 and φ is 0. */
export const ARGUMENT_LIMIT = 1n << 29n;
/** Logarithms, and arguments of exp, count units of 2⁻²⁶. */
export const GRID_BITS = 26;
/** {grid} where the table of exp starts, −¾ */
export const EXPONENT_MINIMUM = -3n << 24n;
/** {grid} and where it ends, 1¼ */
export const EXPONENT_LIMIT = 5n << 24n;
