import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
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

/** {token units} of lanes 0 to 11, then cash, that minting these shares takes now: what to approve. */
export const quoteMint = (
  client: Client,
  { vault, shares }: Omit<MintParameters, "receiver">,
): Promise<readonly bigint[]> =>
  readContract(client, { address: vault, abi: parityVaultAbi, functionName: "previewMint", args: [shares] });
