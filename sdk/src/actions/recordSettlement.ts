import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { settlementPricesAbi } from "./abi/settlementPrices.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/** A price that series settle at: of a lane of the observation log, at an expiry or the end of a notice {s}. */
export type SettlementParameters = {
  readonly settlementPrices: Address;
  readonly lane: number;
  readonly expiry: bigint;
};

/**
 * Counts the log's last observation towards a settlement price. Refused with `ObservationBeforeWindow`,
 * `ObservationAlreadyRecorded`, `SettlementFinal`.
 */
export const recordSettlement = (client: WritingClient, parameters: SettlementParameters): Promise<Sent> =>
  sendCall(client, recordSettlementCall(parameters));

export const recordSettlementCall = ({ settlementPrices, lane, expiry }: SettlementParameters): ContractCall =>
  contractCall({
    address: settlementPrices,
    abi: settlementPricesAbi,
    functionName: "record",
    args: [BigInt(lane), expiry],
  });

/** {ppt of a dollar} the settlement price; nothing while it may still change. */
export async function readSettlementPrice(
  client: Client,
  { settlementPrices: address, lane, expiry }: SettlementParameters,
): Promise<bigint | undefined> {
  const contract = { address, abi: settlementPricesAbi, args: [BigInt(lane), expiry] } as const;
  if (!(await readContract(client, { ...contract, functionName: "isFinal" }))) return undefined;
  return readContract(client, { ...contract, functionName: "settlementPrice" });
}
