import { ARRAY_COUNT, SERIES_PER_ARRAY } from "@equipoise/sdk";
import {
  type ContractCall,
  type ListedSeries,
  type ListSeriesParameters,
  listArrayCall,
  listSeriesCall,
  readSeries,
  riskArraysAbi,
  setHouseCall,
} from "@equipoise/sdk/actions";
import { zeroAddress } from "viem";
import { runStep, StepFailed } from "../../stepFailed.ts";
import type { LocalContext } from "../context.ts";
import { lastLogs } from "../logScan.ts";
import { type ClearingSite, clearingSite } from "./clearingSite.ts";
import { type GovernedStage, govern } from "./govern.ts";

/** A series that a house shall list; its number is 16 · array + place. */
export type SeriesListing = Omit<ListSeriesParameters, "listings"> & {
  /** lane in the observation log of its array's underlying */
  readonly underlying: number;
};

export const seriesNumber = ({ array, place }: Pick<SeriesListing, "array" | "place">): number =>
  SERIES_PER_ARRAY * array + place;

/**
 * Has the governor's timelock list series, with the arrays and the house that they need: announces what is missing, and does it
 * once the delay is over. Run it again until its stage is `done`.
 */
export function listMissingSeries(context: LocalContext, listings: readonly SeriesListing[]): Promise<GovernedStage> {
  return runStep("list series", async () =>
    govern(context, "list series", await missingCalls(clearingSite(context), listings)),
  );
}

async function missingCalls({ chain, clearing }: ClearingSite, wanted: readonly SeriesListing[]) {
  const { riskArrays, listings, clearingHouse } = clearing;
  const contract = { address: riskArrays, abi: riskArraysAbi } as const;
  const calls: ContractCall[] = [];
  const source = { ...contract, block: clearing.block, eventName: "ArrayListed" } as const;
  const listed = new Set(
    (await lastLogs(chain, source, ({ args }) => String(args.array))).map(({ args }) => args.array),
  );
  const house = await chain.reader.readContract({ ...contract, functionName: "house" });
  if (house === zeroAddress) calls.push(setHouseCall({ riskArrays, clearingHouse }));
  for (let array = 0; array < ARRAY_COUNT; array++) {
    const own = wanted.filter((listing) => listing.array === array);
    const [first] = own;
    if (first === undefined) continue;
    if (!listed.has(BigInt(array))) {
      calls.push(listArrayCall({ riskArrays, array, underlying: first.underlying }));
    }
    for (const listing of own) {
      const there = await readSeries(chain.reader, { listings, series: seriesNumber(listing) });
      if (there === undefined) calls.push(listSeriesCall({ listings, ...listing }));
      else if (!isSame(there, listing)) {
        throw new StepFailed(`series ${seriesNumber(listing)} is another than the one to list; choose an empty place`, {
          retry: false,
        });
      }
    }
  }
  return calls;
}

/** A perpetual's strike is the chain's own: the epoch from which it can be traded. */
const isSame = (there: ListedSeries, { kind, expiry, strike }: SeriesListing): boolean =>
  there.kind === kind && there.expiry === expiry && (kind === "perpetual" || there.strike === strike);
