import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { SERIES_KINDS, type SeriesKind } from "../protocol.ts";
import { listingsAbi } from "./abi/listings.ts";

/** A listed series as the contract keeps it. */
export type ListedSeries = {
  /** 16 · array + place */
  readonly series: number;
  readonly kind: SeriesKind;
  /** 0 for a perpetual */
  readonly expirySlot: number;
  /** lane in the observation log */
  readonly underlying: number;
  /** that knows it; before that one is current it cannot be traded */
  readonly firstEpoch: bigint;
  /** {s} of a perpetual the end of its notice, 0 while it has none */
  readonly expiry: bigint;
  /** {ppt of a dollar}; of a perpetual `firstEpoch`, by which orders tell it from others in its place */
  readonly strike: bigint;
};

/** A series by its number: 16 · array + place. */
export type SeriesParameters = { readonly listings: Address; readonly series: number };

/** What a number stands for; nothing where its place is empty. */
export async function readSeries(
  client: Client,
  { listings: address, series }: SeriesParameters,
): Promise<ListedSeries | undefined> {
  const found = await readContract(client, {
    address,
    abi: listingsAbi,
    functionName: "listing",
    args: [BigInt(series)],
  });
  const kind = SERIES_KINDS[found.kind];
  if (!found.listed || kind === undefined) return undefined;
  const { expirySlot, underlying, firstEpoch, expiry, strike } = found;
  return { series, kind, expirySlot, underlying, firstEpoch, expiry, strike };
}

/** {ppt of a dollar} what one contract of a series that is over settles for; nothing while that may still change. */
export async function readPayoff(
  client: Client,
  { listings: address, series }: SeriesParameters,
): Promise<bigint | undefined> {
  const [isFinal, payoff] = await readContract(client, {
    address,
    abi: listingsAbi,
    functionName: "payoff",
    args: [BigInt(series)],
  });
  return isFinal ? payoff : undefined;
}
