import type { Address, Client } from "viem";
import { readContract } from "viem/actions";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type RedeemParameters = {
  readonly vault: Address;
  /** {share units} of the sender */
  readonly shares: bigint;
  readonly receiver: Address;
};

/** Gives shares back for a proportional part of every asset. Needs no price, proof or message. */
export const redeem = (client: WritingClient, parameters: RedeemParameters): Promise<Sent> =>
  sendCall(client, redeemCall(parameters));

export const redeemCall = ({ vault, shares, receiver }: RedeemParameters): ContractCall =>
  contractCall({ address: vault, abi: parityVaultAbi, functionName: "redeem", args: [shares, receiver] });

/** {token units} of lanes 0 to 11, then cash, that redeeming these shares gives now. */
export const quoteRedeem = (
  client: Client,
  { vault, shares }: Omit<RedeemParameters, "receiver">,
): Promise<readonly bigint[]> =>
  readContract(client, { address: vault, abi: parityVaultAbi, functionName: "previewRedeem", args: [shares] });
