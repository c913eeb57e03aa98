import { LANE_COUNT, WAD } from "@equipoise/sdk";
import {
  approveCall,
  type ContractCall,
  contractCall,
  localTokenAbi,
  parityVaultAbi,
  sendCall,
} from "@equipoise/sdk/actions";
import { type Address, type Hex, parseAbi, toHex, zeroHash } from "viem";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import { advanceTime, chainTime } from "../chains/clock.ts";
import type { ChainDeployment } from "./deployment.ts";
import type { ProtocolParameters } from "./protocolParameters.ts";

const timelockAbi = parseAbi([
  "function scheduleBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt, uint256 delay)",
  "function executeBatch(address[] targets, uint256[] values, bytes[] payloads, bytes32 predecessor, bytes32 salt) payable",
]);

/** What the timelock does for a deployment, as one operation. */
type Operation = { readonly targets: Address[]; readonly values: bigint[]; readonly payloads: Hex[] };

const operationOf = (calls: readonly ContractCall[]): Operation => ({
  targets: calls.map(({ address }) => address),
  values: calls.map(({ value }) => value),
  payloads: calls.map(({ data }) => data),
});

/**
 * Gives a vault its first cash through the governor's timelock, for one share a whole cash. The shares go to the
 * investor. Moves a local chain's time by the timelock's delay.
 */
export async function seedVault(
  chain: Chain,
  accounts: LocalAccounts,
  { governor, vault, cash }: ChainDeployment,
  { seedCash, governorDelay }: ProtocolParameters,
): Promise<void> {
  const client = chain.signer(accounts.deployer);
  const amount = seedCash * 10n ** BigInt(cash.decimals);
  const mint = { address: cash.address, abi: localTokenAbi, functionName: "mint" } as const;
  await sendCall(client, contractCall({ ...mint, args: [governor, amount] }));

  const amounts = [...new Array<bigint>(LANE_COUNT).fill(0n), amount] as unknown as SeedAmounts;
  const { targets, values, payloads } = operationOf([
    approveCall({ token: cash.address, spender: vault, amount }),
    contractCall({
      address: vault,
      abi: parityVaultAbi,
      functionName: "seed",
      args: [amounts, seedCash * WAD, accounts.investor.address],
    }),
  ]);
  const salt = toHex("seed", { size: 32 });
  const timelock = { address: governor, abi: timelockAbi } as const;
  const delay = BigInt(governorDelay);
  const scheduled = [targets, values, payloads, zeroHash, salt, delay] as const;
  await sendCall(client, contractCall({ ...timelock, functionName: "scheduleBatch", args: scheduled }));
  await advanceTime(chain, (await chainTime(chain)) + delay);
  const executed = [targets, values, payloads, zeroHash, salt] as const;
  await sendCall(client, contractCall({ ...timelock, functionName: "executeBatch", args: executed }));
}

/** Thirteen amounts: lanes 0 to 11, then cash. */
type SeedAmounts = Parameters<typeof contractCall<typeof parityVaultAbi, "seed">>[0]["args"][0];
