import type { Address } from "viem";
import { SERIES_KINDS, type SeriesKind } from "../protocol.ts";
import { listingsAbi } from "./abi/listings.ts";
import { riskArraysAbi } from "./abi/riskArrays.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { SeriesParameters } from "./readSeries.ts";

// What only the governor of the risk arrays may do: calls for its timelock, not transactions of a client.

export type SetHouseParameters = { readonly riskArrays: Address; readonly clearingHouse: Address };

/** Names the clearing house, once. */
export const setHouseCall = ({ riskArrays, clearingHouse }: SetHouseParameters): ContractCall =>
  contractCall({ address: riskArrays, abi: riskArraysAbi, functionName: "setHouse", args: [clearingHouse] });

export type ListArrayParameters = {
  readonly riskArrays: Address;
  readonly array: number;
  /** lane in the observation log */
  readonly underlying: number;
};

/** Gives an array its underlying, for ever. */
export const listArrayCall = ({ riskArrays, array, underlying }: ListArrayParameters): ContractCall =>
  contractCall({
    address: riskArrays,
    abi: riskArraysAbi,
    functionName: "listArray",
    args: [BigInt(array), BigInt(underlying)],
  });

export type ListSeriesParameters = {
  readonly listings: Address;
  readonly array: number;
  /** 0 to 15; a perpetual stands in 0 */
  readonly place: number;
  readonly kind: SeriesKind;
  /** {s} 0 for a perpetual */
  readonly expiry: bigint;
  /** {ppt of a dollar} 0 for a perpetual */
  readonly strike: bigint;
};

/** Puts a series into an empty place. */
export const listSeriesCall = ({ listings, array, place, kind, expiry, strike }: ListSeriesParameters): ContractCall =>
  contractCall({
    address: listings,
    abi: listingsAbi,
    functionName: "listSeries",
    args: [BigInt(array), BigInt(place), BigInt(SERIES_KINDS.indexOf(kind)), expiry, strike],
  });

/**
 * Gives notice to a perpetual, for good: it ends 7 days later, or 1 day where its array has been halted for longer than a day.
 * `readSeries` has the end as its expiry. Refused with `SeriesNotListed`, `SeriesNotPerpetual`, `NoticeAlreadyGiven`.
 */
export const giveNoticeCall = ({ listings, series }: SeriesParameters): ContractCall =>
  contractCall({ address: listings, abi: listingsAbi, functionName: "giveNotice", args: [BigInt(series)] });
