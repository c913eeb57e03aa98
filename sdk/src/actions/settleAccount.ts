import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { AccountParameters } from "./readAccount.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/** Applies to an account what is due: expired series and retired perpetuals whose prices are final, and funding. Anyone. */
export const settleAccount = (client: WritingClient, parameters: AccountParameters): Promise<Sent> =>
  sendCall(client, settleAccountCall(parameters));

export const settleAccountCall = ({ clearingHouse, account }: AccountParameters): ContractCall =>
  contractCall({ address: clearingHouse, abi: clearingHouseAbi, functionName: "settle", args: [account] });
