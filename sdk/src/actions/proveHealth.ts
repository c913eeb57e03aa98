import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { MarginProof } from "./marginProof.ts";
import type { AccountParameters } from "./readAccount.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type ProveHealthParameters = AccountParameters & { readonly proof: MarginProof };

/** Proves an account as it is over the current epoch, for others to read. Refused with `ArraysTooOld`, or for the proof. */
export const proveHealth = (client: WritingClient, parameters: ProveHealthParameters): Promise<Sent> =>
  sendCall(client, proveHealthCall(parameters));

export const proveHealthCall = ({ clearingHouse, account, proof }: ProveHealthParameters): ContractCall =>
  contractCall({ address: clearingHouse, abi: clearingHouseAbi, functionName: "proveHealth", args: [account, proof] });
