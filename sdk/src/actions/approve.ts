import { type Address, erc20Abi } from "viem";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type ApproveParameters = {
  readonly token: Address;
  readonly spender: Address;
  /** {token units} */
  readonly amount: bigint;
};

/** Lets a contract take tokens of the sender. */
export const approve = (client: WritingClient, parameters: ApproveParameters): Promise<Sent> =>
  sendCall(client, approveCall(parameters));

export const approveCall = ({ token, spender, amount }: ApproveParameters): ContractCall =>
  contractCall({ address: token, abi: erc20Abi, functionName: "approve", args: [spender, amount] });
