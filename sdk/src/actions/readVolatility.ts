import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { volatilityLogAbi } from "./abi/volatilityLog.ts";

export type ReadVolatilityParameters = {
  readonly volatilityLog: Address;
  /** lane in the observation log */
  readonly underlying: bigint;
  /** {s} */
  readonly expiry: bigint;
  /** {ppt of a dollar} */
  readonly strike: bigint;
};

/** {ppt per √year} and {ppm} of an expiry's forward. */
export type ImpliedVolatility = { readonly volatility: bigint; readonly basis: bigint };

/** What the latest report says of an option, at least the floor. Refused with `VolatilityStale`. */
export async function readVolatility(
  client: Client,
  { volatilityLog: address, underlying, expiry, strike }: ReadVolatilityParameters,
): Promise<ImpliedVolatility> {
  const [volatility, basis] = await readContract(client, {
    address,
    abi: volatilityLogAbi,
    functionName: "impliedVolatility",
    args: [underlying, expiry, strike],
  });
  return { volatility, basis };
}
