import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { riskBeaconAbi } from "./abi/riskBeacon.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type BroadcastRiskParameters = {
  readonly riskBeacon: Address;
  /** LayerZero's names of the spokes */
  readonly dstEids: readonly number[];
  /** type 3, on top of the enforced ones; none when absent */
  readonly options?: Hex | undefined;
};

/** Sends the newest risk state to the spokes, paying what it costs now. */
export async function broadcastRisk(client: WritingClient, parameters: BroadcastRiskParameters): Promise<Sent> {
  const fee = await quoteBroadcast(client, parameters);
  return sendCall(client, broadcastRiskCall({ ...parameters, fee }));
}

/** {wei} of a broadcast now */
export const quoteBroadcast = (client: Client, parameters: BroadcastRiskParameters): Promise<bigint> =>
  readContract(client, {
    address: parameters.riskBeacon,
    abi: riskBeaconAbi,
    functionName: "quote",
    args: [parameters.dstEids, parameters.options ?? "0x"],
  });

/** @param parameters.fee {wei} at least {@link quoteBroadcast}; what is too much comes back */
export const broadcastRiskCall = (parameters: BroadcastRiskParameters & { readonly fee: bigint }): ContractCall =>
  contractCall({
    address: parameters.riskBeacon,
    abi: riskBeaconAbi,
    functionName: "broadcast",
    args: [parameters.dstEids, parameters.options ?? "0x"],
    value: parameters.fee,
  });
