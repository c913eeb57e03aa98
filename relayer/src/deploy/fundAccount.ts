import { approve, type ChainDeployment, contractCall, localTokenAbi, sendCall } from "@equipoise/sdk/actions";
import { type Account, maxUint256 } from "viem";
import type { Chain } from "../chains/chain.ts";

/**
 * Local chains only: gives an account cash and every token, and lets the vaults take them.
 * @param amount {whole tokens} of each
 */
export async function fundAccount(
  chain: Chain,
  account: Account,
  { cash, tokens, vaults }: ChainDeployment,
  amount: bigint,
): Promise<void> {
  const client = chain.signer(account);
  for (const { address, decimals } of [cash, ...tokens]) {
    const args = [account.address, amount * 10n ** BigInt(decimals)] as const;
    await sendCall(client, contractCall({ address, abi: localTokenAbi, functionName: "mint", args }));
    for (const { vault } of vaults) await approve(client, { token: address, spender: vault, amount: maxUint256 });
  }
}
