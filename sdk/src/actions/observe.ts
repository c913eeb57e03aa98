import type { Address } from "viem";
import { observationLogAbi } from "./abi/observationLog.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type ObserveParameters = { readonly observationLog: Address };

/** Appends an observation to the log, or takes base prices where it has none. Refused with `ObservationTooEarly`. */
export const observe = (client: WritingClient, parameters: ObserveParameters): Promise<Sent> =>
  sendCall(client, observeCall(parameters));

export const observeCall = ({ observationLog }: ObserveParameters): ContractCall =>
  contractCall({ address: observationLog, abi: observationLogAbi, functionName: "observe", args: [] });
