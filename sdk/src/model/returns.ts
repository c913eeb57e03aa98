import { packSignedLanes, unpackSignedLanes } from "../lanes.ts";
import { LANE_COUNT, MAX_RETURN, PPM } from "../protocol.ts";

/** A price that divides nothing. */
export class PriceNotPositive extends Error {
  override name = "PriceNotPositive";
  constructor(price: bigint, tick: number, asset: number) {
    super(
      `the price of asset ${asset} at tick ${tick} is ${price}; a price is at least 1 {D18}: remove or correct the row`,
    );
  }
}

/** Two rows of prices or returns that do not list the same number of assets. */
export class AssetCountMismatch extends Error {
  override name = "AssetCountMismatch";
  constructor(tick: number, found: number, expected: number) {
    super(`tick ${tick} lists ${found} assets and the first lists ${expected}: give every tick the same assets`);
  }
}

/**
 * Simple return between two observations, rounded toward zero and saturated at ±MAX_RETURN, as the log does it.
 * @param before {D18} > 0
 * @param after {D18} > 0
 * @returns {ppm} signed
 */
export function observedReturn(before: bigint, after: bigint): bigint {
  if (before <= 0n) throw new PriceNotPositive(before, 0, 0);
  if (after <= 0n) throw new PriceNotPositive(after, 1, 0);
  // {ppm} = {D18} · {ppm} / {D18}; bigint division rounds toward zero
  const change = ((after - before) * PPM) / before;
  if (change > MAX_RETURN) return MAX_RETURN;
  if (change < -MAX_RETURN) return -MAX_RETURN;
  return change;
}

/**
 * Returns of a whole stretch of prices.
 * @param prices {D18} [T + 1][N], oldest first
 * @returns {ppm} [T][N]
 */
export function observedReturns(prices: readonly (readonly bigint[])[]): bigint[][] {
  const assets = prices[0]?.length ?? 0;
  prices.forEach((row, tick) => {
    if (row.length !== assets) throw new AssetCountMismatch(tick, row.length, assets);
    row.forEach((price, asset) => {
      if (price <= 0n) throw new PriceNotPositive(price, tick, asset);
    });
  });
  return prices.slice(1).map((row, t) => row.map((price, asset) => observedReturn(prices[t]?.[asset] ?? 0n, price)));
}

/**
 * Observation word of one tick. An asset the log does not have is one that never moves: its lane holds return 0.
 * @param returns {ppm} [N]
 * @param lanes lanes that are filled; the small test size has fewer than twelve
 */
export function packObservation(returns: readonly bigint[], lanes: number = LANE_COUNT): bigint {
  return packSignedLanes(Array.from({ length: Math.max(lanes, returns.length) }, (_, lane) => returns[lane] ?? 0n));
}

/** Observation words of a window, oldest first. */
export const packObservations = (returns: readonly (readonly bigint[])[], lanes: number = LANE_COUNT): bigint[] =>
  returns.map((row) => packObservation(row, lanes));

/** {ppm} [T][lanes] back from observation words. */
export const unpackObservations = (words: readonly bigint[], lanes: number = LANE_COUNT): bigint[][] =>
  words.map((word) => unpackSignedLanes(word, lanes));
