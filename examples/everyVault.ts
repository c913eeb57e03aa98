/** Reads every vault on every chain: what it follows, what it is worth, and whether its chain knows newer risk. */
import {
  type ChainDeployment,
  equipoiseActions,
  parseDeployment,
  revertOf,
  type VaultDeployment,
} from "@equipoise/sdk/actions";
import { createPublicClient, http } from "viem";

/**
 * @param record the JSON that `equipoise deploy` wrote
 * @param rpcUrls where to ask, by chain id
 */
export const readEveryVault = (record: unknown, rpcUrls: Readonly<Record<number, string>>) =>
  Promise.all(
    parseDeployment(record).chains.flatMap((chain) =>
      chain.vaults.map((vault) => readOneVault({ ...chain, ...vault }, rpcUrls[chain.chainId])),
    ),
  );

async function readOneVault(chain: ChainDeployment & VaultDeployment, rpcUrl: string | undefined) {
  const { chainId, mandate, vault } = chain;
  if (rpcUrl === undefined) throw new Error(`no URL of chain ${chainId} is given`);
  const client = createPublicClient({ transport: http(rpcUrl) }).extend(equipoiseActions(chain));
  const [newest, allocation, { supply }, value] = await Promise.all([
    client.readLatestRiskIndex(),
    client.readAllocation(),
    client.readHoldings(),
    client.readVaultValue().catch((error: unknown) => {
      const revert = revertOf(error);
      if (revert === undefined) throw error; // the node, not the contract
      return revert.reason; // a price that cannot be used now, for example PriceStale
    }),
  ]);
  const { index, mandateVersion, weights, exposure } = allocation;
  return {
    chainId,
    mandate,
    vault,
    index,
    behind: newest - index,
    mandateVersion,
    weights,
    exposure,
    supply,
    value,
  };
}
