import { LANE_COUNT, WAD } from "@equipoise/sdk";
import {
  approveCall,
  type ChainDeployment,
  contractCall,
  localTokenAbi,
  parityVaultAbi,
  sendCall,
} from "@equipoise/sdk/actions";
import { erc20Abi, toHex } from "viem";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import { advanceTime, chainTime } from "../chains/clock.ts";
import type { ProtocolParameters } from "./protocolParameters.ts";
import { executeCall, readOperation, scheduleCall } from "./timelock.ts";

/**
 * Gives the vaults of a chain that have no shares their first cash through the governor's timelock, for one share a whole cash.
 * The shares go to the investor. Moves a local chain's time by the timelock's delay, once for all.
 */
export async function seedVaults(
  chain: Chain,
  accounts: LocalAccounts,
  { governor, cash, vaults }: ChainDeployment,
  { seedCash, governorDelay }: ProtocolParameters,
): Promise<void> {
  const { reader } = chain;
  const supplies = await Promise.all(
    vaults.map(({ vault }) => reader.readContract({ address: vault, abi: erc20Abi, functionName: "totalSupply" })),
  );
  const empty = vaults.filter((_, place) => supplies[place] === 0n);
  if (empty.length === 0) return;
  const client = chain.signer(accounts.deployer);
  const amount = seedCash * 10n ** BigInt(cash.decimals);
  const needed = amount * BigInt(empty.length);
  const token = { address: cash.address, abi: localTokenAbi } as const;
  const owned = await reader.readContract({ ...token, functionName: "balanceOf", args: [governor] });
  if (owned < needed) {
    await sendCall(client, contractCall({ ...token, functionName: "mint", args: [governor, needed] }));
  }

  const amounts = [...new Array<bigint>(LANE_COUNT).fill(0n), amount, 0n] as unknown as SeedAmounts;
  const args = [amounts, seedCash * WAD, accounts.investor.address] as const;
  const calls = empty.flatMap(({ vault }) => [
    approveCall({ token: cash.address, spender: vault, amount }),
    contractCall({ address: vault, abi: parityVaultAbi, functionName: "seed", args }),
  ]);
  const operation = { governor, calls, salt: toHex("seed", { size: 32 }) };
  if ((await readOperation(reader, operation)).name === "unknown") {
    await sendCall(client, scheduleCall(operation, BigInt(governorDelay)));
  }
  const { readyAt } = await readOperation(reader, operation);
  if ((await chainTime(chain)) < readyAt) await advanceTime(chain, readyAt);
  await sendCall(client, executeCall(operation));
}

/** Fourteen amounts: lanes 0 to 11, cash, units of a desk. */
type SeedAmounts = Parameters<typeof contractCall<typeof parityVaultAbi, "seed">>[0]["args"][0];
