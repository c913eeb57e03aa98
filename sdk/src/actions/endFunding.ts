import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { riskArraysAbi } from "./abi/riskArrays.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type EndFundingParameters = {
  readonly riskArrays: Address;
  /** of the perpetual */
  readonly array: number;
};

/** Books the last funding of a perpetual whose notice is over, so that it can settle. Anyone; every epoch does it too. */
export const endFunding = (client: WritingClient, parameters: EndFundingParameters): Promise<Sent> =>
  sendCall(client, endFundingCall(parameters));

export const endFundingCall = ({ riskArrays, array }: EndFundingParameters): ContractCall =>
  contractCall({ address: riskArrays, abi: riskArraysAbi, functionName: "endFunding", args: [BigInt(array)] });

/** At what a perpetual has ended. */
export type FundingEnd = {
  /** {ppt of a dollar} that the newest epoch before the end had of its array */
  readonly spot: bigint;
  /** {s} of the epoch in which that was live */
  readonly time: bigint;
};

/** At what an array's perpetual has ended; nothing before its last funding is booked. */
export async function readFundingEnd(
  client: Client,
  { riskArrays: address, array }: EndFundingParameters,
): Promise<FundingEnd | undefined> {
  const args = [BigInt(array)] as const;
  const [isOver, spot, time] = await readContract(client, {
    address,
    abi: riskArraysAbi,
    functionName: "endOf",
    args,
  });
  return isOver ? { spot, time } : undefined;
}
