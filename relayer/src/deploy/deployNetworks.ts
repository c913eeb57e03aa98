import { rmSync } from "node:fs";
import { type Deployment, hubOf } from "@equipoise/sdk/actions";
import { type Account, type Address, isAddressEqual } from "viem";
import type { Chain } from "../chains/chain.ts";
import { layerZeroOf, type Network } from "../networks/network.ts";
import { applyPlan, type StepReceipt, StepsGoverned } from "./applyPlan.ts";
import { DEFAULT_CLEARING } from "./clearingParameters.ts";
import { planClearing } from "./clearingPlan.ts";
import { type DeployConfig, DeployConfigInvalid } from "./deployConfig.ts";
import { firstBlock, withBlocks } from "./firstBlock.ts";
import { applyBatches, batchesPath } from "./governedBatch.ts";
import type { ChainPlan } from "./plan.ts";
import { type PlannedSite, type ProtocolPlan, planProtocol } from "./protocolPlan.ts";
import { readRecord, writeRecord } from "./record.ts";

/** The networks a deployment is for, with what its file says of each. */
export function sitesOfNetworks(config: DeployConfig, networks: readonly Network[]): PlannedSite[] {
  if (!networks.some(({ name }) => name === config.hub)) {
    throw new DeployConfigInvalid("hub", config.hub, `must be one of ${networks.map(({ name }) => name).join(", ")}`);
  }
  return networks.map((network) => {
    const described = config.networks[network.name];
    if (described === undefined) {
      throw new DeployConfigInvalid(`networks.${network.name}`, described, "must say what its vault holds");
    }
    const role = network.name === config.hub ? "hub" : "spoke";
    const { chainId, eid } = network;
    return { chainId, eid, role, layerZero: layerZeroOf(network), assets: described.assets };
  });
}

/** The whole deployment of a configuration: protocol, and clearing where it is asked for. Pure. */
export function planNetworks(config: DeployConfig, networks: readonly Network[], deployer: Address): ProtocolPlan {
  const { name, governance, parameters, clearing } = config;
  for (const [place, proposer] of governance.proposers.entries()) {
    if (isAddressEqual(proposer, deployer)) {
      throw new DeployConfigInvalid(
        `governance.proposers[${place}]`,
        proposer,
        "is the deployer, which shall own nothing in the end: name the multisig or account that governs",
      );
    }
  }
  const sites = sitesOfNetworks(config, networks);
  const deskMandate = clearing?.desk?.mandate;
  const protocol = planProtocol({ name, deployer, sites, governance, parameters, deskMandate });
  if (clearing === undefined) return protocol;
  const added = planClearing({ deployment: protocol.deployment, parameters: DEFAULT_CLEARING, ...clearing });
  const plans: ChainPlan[] = protocol.plans.map(({ chainId, steps }, place) => ({
    chainId,
    steps: [...steps, ...(added.plans[place]?.steps ?? [])],
  }));
  return { plans, deployment: { ...protocol.deployment, clearing: added.clearing } };
}

export type DeployNetworksParameters = {
  readonly plan: ProtocolPlan;
  readonly chains: readonly Chain[];
  readonly account: Account;
  /** the record's file */
  readonly path: string;
  readonly progress: (line: string) => void;
};

/**
 * Does what is missing of a plan and keeps its record, which says of chains that were added only once all of it is done.
 * May be cut off anywhere and run again.
 *
 * Errors: those of {@link applyPlan} and {@link applyBatches}.
 */
export async function deployNetworks(parameters: DeployNetworksParameters): Promise<Deployment> {
  const { plan, chains, account, path, progress } = parameters;
  const earlier = readRecord(path);
  const transactions = [...earlier.transactions];
  const keep = (receipt: StepReceipt): void => {
    transactions.push(receipt);
    writeRecord(path, { ...earlier, transactions });
    progress(`chain ${receipt.chainId}: ${receipt.step} (${receipt.gasUsed} gas)`);
  };
  const apply = () => applyPlan({ chains, plans: plan.plans, account, keep });
  try {
    await apply();
  } catch (error) {
    if (!(error instanceof StepsGoverned)) throw error;
    await applyBatches(error.steps, { plan, chains, account, path: batchesPath(path), keep });
    await apply(); // what the governors' calls were for holds now
  }
  const placed = withBlocks(plan.deployment, transactions);
  const { clearing } = placed;
  const block = firstBlock(transactions, hubOf(placed).chainId, "VolatilityLog");
  const deployment = { ...placed, ...(clearing === undefined ? {} : { clearing: { ...clearing, block } }) };
  writeRecord(path, { version: 1, transactions, deployment });
  rmSync(batchesPath(path), { force: true });
  return deployment;
}
