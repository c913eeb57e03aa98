import { type ListedSeries, listingsAbi, readSeries } from "@equipoise/sdk/actions";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

/** Every series that is listed now, in the order of their numbers. */
export async function readListedSeries(context: Context): Promise<ListedSeries[]> {
  const { chain, clearing } = clearingSite(context);
  const { listings } = clearing;
  const logs = await chain.reader.getContractEvents({
    address: listings,
    abi: listingsAbi,
    eventName: "SeriesListed",
    fromBlock: BigInt(clearing.block),
    strict: true,
  });
  const numbers = [...new Set(logs.map(({ args }) => Number(args.series)))].toSorted((one, other) => one - other);
  const found = await Promise.all(numbers.map((series) => readSeries(chain.reader, { listings, series })));
  return found.filter((series) => series !== undefined);
}
