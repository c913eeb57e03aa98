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
 * Gives a vault its first cash through the governor's timelock, for one share a whole cash, unless it has shares already.
 * The shares go to the investor. Moves a local chain's time by the timelock's delay.
 */
export async function seedVault(
  chain: Chain,
  accounts: LocalAccounts,
  { governor, vault, cash }: ChainDeployment,
  { seedCash, governorDelay }: ProtocolParameters,
): Promise<void> {
  const { reader } = chain;
  const supply = await reader.readContract({ address: vault, abi: erc20Abi, functionName: "totalSupply" });
  if (supply > 0n) return;
  const client = chain.signer(accounts.deployer);
  const amount = seedCash * 10n ** BigInt(cash.decimals);
  const token = { address: cash.address, abi: localTokenAbi } as const;
  const owned = await reader.readContract({ ...token, functionName: "balanceOf", args: [governor] });
  if (owned < amount) {
    await sendCall(client, contractCall({ ...token, functionName: "mint", args: [governor, amount] }));
  }

  const amounts = [...new Array<bigint>(LANE_COUNT).fill(0n), amount, 0n] as unknown as SeedAmounts;
  const operation = {
    governor,
    calls: [
      approveCall({ token: cash.address, spender: vault, amount }),
      contractCall({
        address: vault,
        abi: parityVaultAbi,
        functionName: "seed",
        args: [amounts, seedCash * WAD, accounts.investor.address],
      }),
    ],
    salt: toHex("seed", { size: 32 }),
  };
  if ((await readOperation(reader, operation)).name === "unknown") {
    await sendCall(client, scheduleCall(operation, BigInt(governorDelay)));
  }
  const { readyAt } = await readOperation(reader, operation);
  if ((await chainTime(chain)) < readyAt) await advanceTime(chain, readyAt);
  await sendCall(client, executeCall(operation));
}

/** Fourteen amounts: lanes 0 to 11, cash, units of a desk. */
type SeedAmounts = Parameters<typeof contractCall<typeof parityVaultAbi, "seed">>[0]["args"][0];
