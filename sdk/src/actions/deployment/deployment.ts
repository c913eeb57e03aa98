import type { Address } from "viem";
import type { MessageContracts } from "../layerzero/path.ts";

/** LayerZero's contracts on one chain, and who sits in the workers' seats. */
export type LayerZeroAddresses = MessageContracts & {
  readonly sendLibrary: Address;
  /** ascending, as the libraries want them */
  readonly verifiers: readonly Address[];
  /** who runs each verifier, in their order; the same company has other addresses on other chains */
  readonly verifierNames: readonly string[];
  readonly executor: Address;
};

/** A token of a vault on one chain. The same asset may have other decimals on another chain. */
export type TokenDeployment = { readonly symbol: string; readonly address: Address; readonly decimals: number };

/** The vault that follows a mandate on one chain. */
export type VaultDeployment = { readonly mandate: string; readonly vault: Address };

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
  /** one per mandate, in the order of the deployment's */
  readonly vaults: readonly VaultDeployment[];
};

/** The chain where prices are observed, risk is proven and clearing is. */
export type HubDeployment = EveryChain & {
  readonly role: "hub";
  readonly observationLog: Address;
  readonly covarianceVerifier: Address;
  readonly riskBeacon: Address;
};
/** A chain that follows the hub's risk states. */
export type SpokeDeployment = EveryChain & { readonly role: "spoke" };
/** Where everything is on one chain, `role` says on which. */
export type ChainDeployment = HubDeployment | SpokeDeployment;

/** Where collateral comes in and goes out on one chain. */
export type GateDeployment = { readonly eid: number; readonly collateralGate: Address };

/** The desk that makes a vault of the hub an account of the house. */
export type DeskDeployment = {
  /** whose vault it is */
  readonly mandate: string;
  readonly vaultDesk: Address;
  readonly deskAuctions: Address;
};

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
  /** absent where no vault of the hub has one */
  readonly desk?: DeskDeployment;
};

/** Where everything is: the address book of all chains. Plain JSON: what is written is what is read. */
export type Deployment = {
  readonly version: 3;
  /** addresses depend on it, on the deployer and on the factory */
  readonly name: string;
  /** owns nothing once the deployment is done */
  readonly deployer: Address;
  readonly factory: Address;
  /** one per lane */
  readonly assets: readonly string[];
  /** {s} between observations */
  readonly interval: number;
  /** names of the mandates; each has a vault on every chain */
  readonly mandates: readonly string[];
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

/** The vault of a mandate on a chain. Errors: {@link DeploymentInvalid}. */
export function vaultOf({ chainId, vaults }: ChainDeployment, mandate: string): VaultDeployment {
  const vault = vaults.find((candidate) => candidate.mandate === mandate);
  if (vault !== undefined) return vault;
  const known = vaults.map((candidate) => candidate.mandate).join(", ");
  throw new DeploymentInvalid(`vaults of chain ${chainId}`, known, `has none of the mandate ${mandate}`);
}

/** Where clearing is. */
export function clearingOf({ clearing }: Deployment): ClearingDeployment {
  if (clearing === undefined) throw new DeploymentInvalid("clearing", clearing, "must be there: deploy clearing first");
  return clearing;
}

/** A deployment file does not say what it should. */
export class DeploymentInvalid extends Error {
  override name = "DeploymentInvalid";
  constructor(path: string, value: unknown, need: string, remedy = "deploy again or correct the file") {
    const at = path === "" ? "deployment" : `deployment.${path}`;
    super(`${at} is ${JSON.stringify(value)} and ${need}; ${remedy}`);
  }
}
