import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { AccountParameters } from "./readAccount.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type AcceptDepositParameters = AccountParameters & {
  /** 0 to 11, or 12 for the dollar token */
  readonly lane: number;
};

/** Brings what others have deposited into the account. Only its owner. Refused with `NothingWaiting`. */
export const acceptDeposit = (client: WritingClient, parameters: AcceptDepositParameters): Promise<Sent> =>
  sendCall(client, acceptDepositCall(parameters));

export const acceptDepositCall = ({ clearingHouse, account, lane }: AcceptDepositParameters): ContractCall =>
  contractCall({
    address: clearingHouse,
    abi: clearingHouseAbi,
    functionName: "accept",
    args: [account, BigInt(lane)],
  });
