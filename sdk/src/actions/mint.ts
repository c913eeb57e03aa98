import type { Address } from "viem";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type MintParameters = {
  readonly vault: Address;
  /** {share units} */
  readonly shares: bigint;
  readonly receiver: Address;
};

/** Buys shares with a proportional part of every asset; the sender has approved them ({@link approve}). */
export const mint = (client: WritingClient, parameters: MintParameters): Promise<Sent> =>
  sendCall(client, mintCall(parameters));

export const mintCall = ({ vault, shares, receiver }: MintParameters): ContractCall =>
  contractCall({ address: vault, abi: parityVaultAbi, functionName: "mint", args: [shares, receiver] });
