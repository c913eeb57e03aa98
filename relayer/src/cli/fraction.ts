import { PPM } from "@equipoise/sdk";

/** A fraction that is not a decimal number of at most six places. */
export class FractionUnreadable extends Error {
  override name = "FractionUnreadable";
  constructor(text: string, option: string) {
    super(
      `${option} is "${text}" and must be a decimal number of at least 0 with at most 6 places, such as 0.25: rewrite it`,
    );
  }
}

/** A whole number that is not one. */
export class WholeNumberUnreadable extends Error {
  override name = "WholeNumberUnreadable";
  constructor(text: string, option: string) {
    super(`${option} is "${text}" and must be a whole number of at least 0, such as 10: rewrite it`);
  }
}

/** {ppm} of a decimal fraction, exact: nothing is rounded. */
export function parseFraction(text: string, option: string): bigint {
  const match = /^(\d{1,7})(?:\.(\d{1,6}))?$|^\.(\d{1,6})$/.exec(text.trim());
  if (match === null) throw new FractionUnreadable(text, option);
  const [, whole = "0", places, onlyPlaces] = match;
  return BigInt(whole) * PPM + BigInt((places ?? onlyPlaces ?? "").padEnd(6, "0"));
}

/** {ppm} of a comma-separated list of decimal fractions. */
export const parseFractions = (text: string, option: string): bigint[] =>
  text.split(",").map((part, place) => parseFraction(part, `${option} (entry ${place + 1})`));

/** A whole number ≥ 0. */
export function parseWhole(text: string, option: string): bigint {
  if (!/^\d{1,15}$/.test(text.trim())) throw new WholeNumberUnreadable(text, option);
  return BigInt(text.trim());
}

/** A ppm value as percent with four places, for tables. */
export const formatPercent = (ppm: bigint): string => `${(Number(ppm) / 1e4).toFixed(4)} %`;
