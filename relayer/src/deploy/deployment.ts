import type { Address } from "viem";
import type { LayerZeroAddresses } from "../layerzero/route.ts";

/** A token of a vault on one chain. The same asset may have other decimals on another chain. */
export type TokenDeployment = { readonly symbol: string; readonly address: Address; readonly decimals: number };

type EveryChain = {
  readonly chainId: number;
  /** LayerZero's name of the chain */
  readonly eid: number;
  /** everything of this deployment is in this block or later ones */
  readonly block: number;
  readonly layerZero: LayerZeroAddresses;
  /** the timelock that owns what can be owned */
  readonly governor: Address;
  /** writes the prices of local feeds; absent where the feeds are others' */
  readonly pricePublisher?: Address;
  /** one per asset, in the order of the lanes */
  readonly priceSources: readonly Address[];
  readonly cash: TokenDeployment;
  readonly tokens: readonly TokenDeployment[];
  /** the oracle on the hub, the mirror on a spoke */
  readonly riskState: Address;
  readonly parityVerifier: Address;
  readonly vault: Address;
};

export type HubDeployment = EveryChain & {
  readonly role: "hub";
  readonly observationLog: Address;
  readonly covarianceVerifier: Address;
  readonly riskBeacon: Address;
};
export type SpokeDeployment = EveryChain & { readonly role: "spoke" };
export type ChainDeployment = HubDeployment | SpokeDeployment;

/** Where collateral comes in and goes out on one chain. */
export type GateDeployment = { readonly eid: number; readonly collateralGate: Address };

/** Where clearing is: on the hub, but for the gates. */
export type ClearingDeployment = {
  /** everything of clearing is in this block of the hub or later ones */
  readonly block: number;
  readonly volatilityLog: Address;
  readonly settlementPrices: Address;
  readonly riskArrayVerifier: Address;
  readonly marginVerifier: Address;
  readonly solvencyVerifier: Address;
  readonly riskArrays: Address;
  readonly listings: Address;
  readonly marginTerms: Address;
  readonly collateralHub: Address;
  readonly clearingHouse: Address;
  readonly exchange: Address;
  readonly lossBook: Address;
  readonly marginEngine: Address;
  readonly liquidation: Address;
  /** one per chain, the hub's own included */
  readonly gates: readonly GateDeployment[];
};

/** Where everything is. Plain JSON: what is written is what is read. */
export type Deployment = {
  readonly version: 2;
  /** addresses depend on it, on the deployer and on the factory */
  readonly name: string;
  /** owns nothing once the deployment is done */
  readonly deployer: Address;
  readonly factory: Address;
  /** one per lane */
  readonly assets: readonly string[];
  /** {s} between observations */
  readonly interval: number;
  readonly chains: readonly ChainDeployment[];
  /** absent until clearing has been deployed */
  readonly clearing?: ClearingDeployment;
};

/** The hub of a deployment. */
export function hubOf(deployment: Deployment): HubDeployment {
  const hub = deployment.chains.find((chain) => chain.role === "hub");
  if (hub === undefined) throw new DeploymentInvalid("chains", deployment.chains.length, "needs one with the role hub");
  return hub;
}

/** The spokes of a deployment. */
export const spokesOf = (deployment: Deployment): SpokeDeployment[] =>
  deployment.chains.filter((chain) => chain.role === "spoke");

/** What of a receipt tells since when something is there. */
type BlockOfStep = { readonly chainId: number; readonly step: string; readonly block: number };

/**
 * The block of a chain from which on everything of some receipts is there; 0 where the receipt of the first step is lost, which
 * is right too.
 */
export function firstBlock(receipts: readonly BlockOfStep[], chainId: number, firstStep: string): number {
  const own = receipts.filter((receipt) => receipt.chainId === chainId);
  return own.find(({ step }) => step === firstStep)?.block ?? 0;
}

/** A deployment with the block of each chain's first contract. */
export function withBlocks(deployment: Deployment, receipts: readonly BlockOfStep[]): Deployment {
  const chains = deployment.chains.map((chain) => ({
    ...chain,
    block: firstBlock(receipts, chain.chainId, "governor"),
  }));
  return { ...deployment, chains };
}

/** Where clearing is. */
export function clearingOf({ clearing }: Deployment): ClearingDeployment {
  if (clearing === undefined) throw new DeploymentInvalid("clearing", clearing, "must be there: deploy clearing first");
  return clearing;
}

/** A deployment file does not say what it should. */
export class DeploymentInvalid extends Error {
  override name = "DeploymentInvalid";
  constructor(path: string, value: unknown, need: string) {
    super(`deployment.${path} is ${JSON.stringify(value)} and ${need}; deploy again or correct the file`);
  }
}
