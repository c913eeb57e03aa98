import type { Address } from "viem";
import { riskArraysAbi } from "./abi/riskArrays.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type BeginEpochParameters = { readonly riskArrays: Address };

/**
 * Snapshots the facts of every array for provers. Refused with `EpochTooEarly` or `NothingListed`; an array without a price, a
 * report or a risk state of now is halted (`readHaltedArrays`).
 */
export const beginEpoch = (client: WritingClient, parameters: BeginEpochParameters): Promise<Sent> =>
  sendCall(client, beginEpochCall(parameters));

export const beginEpochCall = ({ riskArrays }: BeginEpochParameters): ContractCall =>
  contractCall({ address: riskArrays, abi: riskArraysAbi, functionName: "beginEpoch", args: [] });
