import type { Address, Client, ContractFunctionReturnType } from "viem";
import { readContract } from "viem/actions";
import { riskMirrorAbi } from "./abi/riskMirror.ts";

/** Risk facts as a chain holds them, words packed. */
export type RiskState = ContractFunctionReturnType<typeof riskMirrorAbi, "view", "riskState">;

/** An oracle on the hub or a mirror on a spoke: they read alike. */
export type RiskStateParameters = { readonly riskState: Address };

/** Index of the newest risk state a chain has; 0 before the first. */
export const readLatestRiskIndex = (client: Client, { riskState: address }: RiskStateParameters): Promise<bigint> =>
  readContract(client, { address, abi: riskMirrorAbi, functionName: "latestIndex" });

/** A risk state by index. Refused with `RiskStateUnknown` where the chain does not keep it. */
export const readRiskState = (
  client: Client,
  { riskState: address, index }: RiskStateParameters & { readonly index: bigint },
): Promise<RiskState> =>
  readContract(client, { address, abi: riskMirrorAbi, functionName: "riskState", args: [index] });
