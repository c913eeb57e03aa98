import { type Deployment, hubOf } from "@equipoise/sdk/actions";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import { runStep } from "../stepFailed.ts";
import type { Store } from "../store/store.ts";
import { applyPlan, type StepReceipt } from "./applyPlan.ts";
import type { ClearingParameters } from "./clearingParameters.ts";
import { planClearing } from "./clearingPlan.ts";
import { firstBlock } from "./firstBlock.ts";

export type DeployClearingParameters = {
  readonly chains: readonly Chain[];
  readonly accounts: LocalAccounts;
  readonly deployment: Deployment;
  readonly parameters: ClearingParameters;
  readonly store: Store;
};

/** Puts clearing on the local chains of a deployment, once: the store remembers it. */
export function deployClearing(parameters: DeployClearingParameters): Promise<Deployment> {
  return runStep("deploy clearing", async () => {
    const { deployment, store, chains, accounts } = parameters;
    if (deployment.clearing !== undefined) return deployment;
    const volatilitySigners = accounts.volatilitySigners.map(({ address }) => address);
    const { plans, clearing } = planClearing({ deployment, parameters: parameters.parameters, volatilitySigners });
    const receipts: StepReceipt[] = [];
    await applyPlan({ chains, plans, account: accounts.deployer, keep: (receipt) => receipts.push(receipt) });
    const block = firstBlock(receipts, hubOf(deployment).chainId, "VolatilityLog");
    const extended = { ...deployment, clearing: { ...clearing, block } };
    await store.keepDeployment(extended);
    return extended;
  });
}
