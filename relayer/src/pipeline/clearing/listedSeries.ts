import { type ListedSeries, listingsAbi, readSeries } from "@equipoise/sdk/actions";
import type { Context } from "../context.ts";
import { lastLogs } from "../logScan.ts";
import { clearingSite } from "./clearingSite.ts";

/** Every series that is listed now, in the order of their numbers. */
export async function readListedSeries(context: Context): Promise<ListedSeries[]> {
  const { chain, clearing } = clearingSite(context);
  const { listings, block } = clearing;
  const source = { address: listings, block, abi: listingsAbi, eventName: "SeriesListed" } as const;
  const logs = await lastLogs(chain, source, ({ args }) => String(args.series));
  const numbers = logs.map(({ args }) => Number(args.series)).toSorted((one, other) => one - other);
  const found = await Promise.all(numbers.map((series) => readSeries(chain.reader, { listings, series })));
  return found.filter((series) => series !== undefined);
}
