import { PPM, PPT } from "../../protocol.ts";

/** What a lane of collateral counts for, whoever holds it: docs/clearing.md, G-6. */
export type CollateralTerms = {
  /** {ppt of a dollar} per token */
  readonly price: bigint;
  /** {ppm} */
  readonly haircut: bigint;
  /** {ppm per million dollars} how fast the credit of another dollar falls */
  readonly slope: bigint;
  /** whose underlying it is; undefined: of none */
  readonly array: number | undefined;
};

/** One balance of collateral and what it counts for. */
export type Collateral = CollateralTerms & {
  /** {ppm of a token} */
  readonly balance: bigint;
};

/** A lane of collateral that is nothing. */
export const NO_COLLATERAL_TERMS: CollateralTerms = { price: 0n, haircut: 0n, slope: 0n, array: undefined };
/** A lane of collateral with nothing in it. */
export const NO_COLLATERAL: Collateral = { ...NO_COLLATERAL_TERMS, balance: 0n };

/** {ppm of a dollar} rounded down */
export const balanceValue = ({ balance, price }: Pick<Collateral, "balance" | "price">): bigint =>
  (balance * price) / PPT;

/**
 * What margin counts of a balance: value (1 − haircut) / (1 + slope · value), a hyperbola that rises for ever and never
 * passes (1 − haircut) / slope, so that one more token never counts for less than nothing.
 * @returns {ppm of a dollar} rounded down, at most the value
 */
export function balanceCredit(collateral: Omit<Collateral, "array">): bigint {
  const value = balanceValue(collateral);
  const kept = collateral.haircut >= PPM ? 0n : PPM - collateral.haircut;
  return (value * kept * PPT) / (PPM * PPT + collateral.slope * value);
}
