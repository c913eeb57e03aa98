import { SIZES } from "../../protocol.ts";
import type { MarginMarket } from "../margin/account.ts";
import { type EpochTerms, epochTerms, type Listing, listingsOf, marketAt, type PricingMoment } from "./market.ts";
import type { HouseParameters } from "./parameters.ts";
import { checkPath, type ReplayPath, returnsUntil } from "./path.ts";

/** What is listed, and the market of the first hour. */
export type Opening = {
  /** [asset][place] */
  readonly listings: readonly (readonly Listing[])[];
  readonly epoch: EpochTerms;
  readonly market: MarginMarket;
};

/** @param spots {ppt of a dollar} [asset] what the path's prices have become; the path's own if left out */
export const momentAt = (path: ReplayPath, hour: number, spots = path.prices[hour]): PricingMoment => ({
  time: path.times[hour] as number,
  spots: spots as readonly bigint[],
  implied: path.implied[hour] as readonly (bigint | undefined)[],
});

/**
 * Before anything has happened: options stand where implied volatilities are known, as many as an array has places.
 * @throws PathUnusable
 */
export function openingOf(path: ReplayPath, house: HouseParameters): Opening {
  checkPath(path);
  const { prices, times, start, implied } = path;
  const listings = (prices[start] ?? []).map((spot, asset) =>
    listingsOf(spot, times.at(-1) as number, implied[start]?.[asset] !== undefined).slice(0, SIZES.full.series),
  );
  const epoch = epochTerms(returnsUntil(times, prices, start), house);
  return { listings, epoch, market: marketAt(listings, momentAt(path, start), epoch, house) };
}
