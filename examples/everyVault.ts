/** Reads every vault on every chain: what it follows, what it is worth, and whether its chain knows newer risk. */
import { equipoiseActions, revertOf } from "@equipoise/sdk/actions";
import { type Address, createPublicClient, http } from "viem";

/** What a deployment's record says of a chain, and where to ask. */
export type VaultSite = {
  readonly chainId: number;
  readonly rpcUrl: string;
  readonly vault: Address;
  readonly riskState: Address;
};

export const readEveryVault = (sites: readonly VaultSite[]) => Promise.all(sites.map(readOneVault));

async function readOneVault({ chainId, rpcUrl, ...addresses }: VaultSite) {
  const client = createPublicClient({ transport: http(rpcUrl) }).extend(equipoiseActions(addresses));
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
    vault: addresses.vault,
    index,
    behind: newest - index,
    mandateVersion,
    weights,
    exposure,
    supply,
    value,
  };
}
