import type { Hex } from "viem";

/** Reads a column's text. */
type Parser = (text: string) => unknown;

// Type numbers of Postgres' catalogue.
const BYTEA = 17;
const INT8 = 20;
const NUMERIC = 1700;

/** A numeric column holds a fraction, and this schema has none. */
export class NumberNotWhole extends Error {
  override name = "NumberNotWhole";
  constructor(text: string) {
    super(`a numeric column holds ${text} and every number of this schema is whole: correct the row`);
  }
}

function wholeNumber(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new NumberNotWhole(text);
  return BigInt(text);
}

/** How both drivers read the columns whose own reading would lose digits or change the form. */
export const COLUMN_PARSERS: Readonly<Record<number, Parser>> = {
  [BYTEA]: (text): Hex => `0x${text.slice(2)}`, // Postgres writes \x and the digits
  [INT8]: BigInt,
  [NUMERIC]: wholeNumber,
};
