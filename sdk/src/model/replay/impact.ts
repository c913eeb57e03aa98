import type { Impact } from "./parameters.ts";

/** What sales have done to the price of an asset so far, as logarithms. */
export type PriceImpact = { permanent: number; passing: number };

export const noImpact = (): PriceImpact => ({ permanent: 0, passing: 0 });

/** The passing part of an hour later. */
export function passHour(impact: PriceImpact, { halfLife }: Impact): void {
  impact.passing *= 2 ** (-1 / halfLife);
}

/**
 * A sale of a share of what all books hold {1}, below 0 a purchase: part of what it does stays, part passes.
 */
export function sell(impact: PriceImpact, share: number, { size, power, permanent }: Impact): void {
  const move = -Math.sign(share) * size * Math.abs(share) ** power;
  impact.permanent += permanent * move;
  impact.passing += (1 - permanent) * move;
}

/** {1} logarithm of what the price is multiplied by */
export const impactOf = ({ permanent, passing }: PriceImpact): number => permanent + passing;

/** {10⁻⁹} what a price is multiplied by, at least one of them so that no price is 0 */
const FACTOR = 10n ** 9n;

/** A price under the impact, in its own unit, at least 1. */
export function impacted(price: bigint, impact: PriceImpact): bigint {
  const moved = (price * BigInt(Math.round(Math.exp(impactOf(impact)) * Number(FACTOR)))) / FACTOR;
  return moved > 0n ? moved : 1n;
}
