import { listingsAbi } from "./abi/listings.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { SeriesParameters } from "./readSeries.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/**
 * Empties the place of a series that is over, for another one. Anyone. Refused with `SeriesNotListed`, `SeriesNotExpired`,
 * `SeriesNotSettled`, `SeriesHeld`.
 */
export const retireSeries = (client: WritingClient, parameters: SeriesParameters): Promise<Sent> =>
  sendCall(client, retireSeriesCall(parameters));

export const retireSeriesCall = ({ listings, series }: SeriesParameters): ContractCall =>
  contractCall({ address: listings, abi: listingsAbi, functionName: "retire", args: [BigInt(series)] });
