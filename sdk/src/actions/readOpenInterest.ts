import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { arrayOf } from "../model/margin/account.ts";
import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { marginTermsAbi } from "./abi/marginTerms.ts";

export type ReadOpenInterestParameters = {
  readonly clearingHouse: Address;
  readonly marginTerms: Address;
  /** 16 · array + place */
  readonly series: number;
};

/** {ppm of a contract} What is held of a series, and what trades may make of it (H-1.6). */
export type OpenInterest = {
  /** Σ |quantity| over accounts */
  readonly held: bigint;
  /** a trade that makes `held` grow is refused above it, with `OpenInterestAboveLimit` */
  readonly limit: bigint;
  /** a trade that makes |quantity| of an account grow is refused above it, with `PositionAboveLimit` */
  readonly accountLimit: bigint;
};

/** Reads what is held of a series, and how much may be. */
export async function readOpenInterest(
  client: Client,
  { clearingHouse, marginTerms, series }: ReadOpenInterestParameters,
): Promise<OpenInterest> {
  const [held, limits] = await Promise.all([
    readContract(client, {
      address: clearingHouse,
      abi: clearingHouseAbi,
      functionName: "openInterest",
      args: [BigInt(series)],
    }),
    readContract(client, {
      address: marginTerms,
      abi: marginTermsAbi,
      functionName: "positionLimits",
      args: [BigInt(arrayOf(series))],
    }),
  ]);
  return { held, limit: limits.openInterest, accountLimit: limits.account };
}
