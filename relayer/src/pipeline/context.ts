import {
  type ChainDeployment,
  type Deployment,
  type HubDeployment,
  hubOf,
  type VaultDeployment,
} from "@equipoise/sdk/actions";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import { StepFailed } from "../stepFailed.ts";
import type { Store } from "../store/store.ts";
import type { ProverPort } from "./proverPort.ts";

/** Who signs what the relayer sends, and who fills auctions. */
export type RelayerAccounts = Pick<LocalAccounts, "relayer" | "bidder">;

/** What every step works with. */
export type Context = {
  readonly chains: readonly Chain[];
  readonly deployment: Deployment;
  readonly accounts: RelayerAccounts;
  readonly prover: ProverPort;
  readonly store: Store;
};

/** On local chains everybody's keys are known. */
export type LocalContext = Context & { readonly accounts: LocalAccounts };

/** A chain with what is deployed on it. */
export type Site<deployment extends ChainDeployment = ChainDeployment> = {
  readonly chain: Chain;
  readonly deployment: deployment;
};

/** Every chain with what is deployed on it, hub and spokes, in the deployment's order. */
export const sitesOf = (context: Context): Site[] =>
  context.deployment.chains.map((deployment) => ({ chain: chainOf(context, deployment.eid), deployment }));

/** A vault of a chain, with the mandate it follows. */
export type VaultSite = Site & VaultDeployment;

/** Every vault on every chain, chain by chain. */
export const vaultSitesOf = (context: Context): VaultSite[] => sitesOf(context).flatMap(vaultsAt);

/** The vaults of one chain, in the order of the mandates. */
export const vaultsAt = (site: Site): VaultSite[] => site.deployment.vaults.map((vault) => ({ ...site, ...vault }));

/** The hub with what is deployed on it. */
export function hubSite(context: Context): Site<HubDeployment> {
  const deployment = hubOf(context.deployment);
  return { chain: chainOf(context, deployment.eid), deployment };
}

function chainOf({ chains }: Context, eid: number): Chain {
  const chain = chains.find((candidate) => candidate.eid === eid);
  if (chain === undefined) {
    throw new StepFailed(`the deployment names eid ${eid} and no such chain is connected; connect it or deploy anew`, {
      retry: false,
    });
  }
  return chain;
}
