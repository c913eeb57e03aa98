import type { ChainDeployment, Deployment, LayerZeroAddresses } from "@equipoise/sdk/actions";
import type { Address } from "viem";
import type { LocalAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import { runStep, StepFailed } from "../stepFailed.ts";
import type { Store } from "../store/store.ts";
import { applyPlan, type StepReceipt } from "./applyPlan.ts";
import { deployLayerZero } from "./deployLayerZero.ts";
import { withBlocks } from "./firstBlock.ts";
import { fundAccount } from "./fundAccount.ts";
import type { ProtocolParameters } from "./protocolParameters.ts";
import { type PlannedSite, planProtocol } from "./protocolPlan.ts";
import { seedVaults } from "./seedVaults.ts";

export type DeployLocalParameters = {
  readonly chains: readonly Chain[];
  readonly accounts: LocalAccounts;
  readonly parameters: ProtocolParameters;
  readonly store: Store;
};

/** {whole tokens} of each for the bidder and the investor: enough for vaults of the default size many times over */
const FUNDS = 10_000_000n;

/**
 * The deployment the store remembers where the chains still have it; else what is missing of it is done. Vaults are seeded;
 * the bidder and the investor get funds of their own, and let the vaults take them.
 */
export function deployLocal(local: DeployLocalParameters): Promise<Deployment> {
  return runStep("deploy", async () => {
    const { chains, accounts, parameters, store } = local;
    const known = await store.deployment();
    if (known !== undefined && (await isThere(chains, known))) return checkSame(known, parameters);
    const deployment = await deployProtocol(local);
    await Promise.all(
      chains.map(async (chain, place) => {
        const own = deployment.chains[place] as ChainDeployment;
        await seedVaults(chain, accounts, own, parameters);
        await Promise.all(
          [accounts.bidder, accounts.investor].map((account) => fundAccount(chain, account, own, FUNDS)),
        );
      }),
    );
    await store.keepDeployment(deployment);
    return deployment;
  });
}

/** Local chains before anything of a deployment is there: tokens that anyone may mint, and feeds that the publisher writes. */
export const localSites = (
  chains: readonly Chain[],
  layerZero: readonly LayerZeroAddresses[],
  publisher: Address,
): PlannedSite[] =>
  chains.map(({ chainId, eid, role }, place) => ({
    chainId,
    eid,
    role,
    layerZero: layerZero[place] as LayerZeroAddresses,
    assets: { kind: "local", publisher },
  }));

/** LayerZero, then the whole protocol, owned by timelocks of the deployer in the end. */
async function deployProtocol({ chains, accounts, parameters }: DeployLocalParameters): Promise<Deployment> {
  const layerZero = await deployLayerZero({ chains, accounts });
  const deployer = accounts.deployer.address;
  const { plans, deployment } = planProtocol({
    name: "local",
    deployer,
    governance: { proposers: [deployer], executors: [deployer], guardian: accounts.guardian.address },
    parameters,
    sites: localSites(chains, layerZero, accounts.relayer.address),
  });
  const receipts: StepReceipt[] = [];
  await applyPlan({ chains, plans, account: accounts.deployer, keep: (receipt) => receipts.push(receipt) });
  return withBlocks(deployment, receipts);
}

/** The chains keep the assets they were deployed for, and cannot go back in time for others. */
function checkSame(known: Deployment, { assets, interval, mandates }: ProtocolParameters): Deployment {
  const described = (of: Pick<Deployment, "assets" | "interval" | "mandates">): string =>
    `${of.assets.join(", ")} every ${of.interval} s for ${of.mandates.join(", ")}`;
  const [kept, wanted] = [
    described(known),
    described({ assets, interval, mandates: mandates.map(({ name }) => name) }),
  ];
  if (kept === wanted) return known;
  throw new StepFailed(
    `the kept chains observe ${kept}, and this run is for ${wanted}: use another folder for its state`,
    { retry: false },
  );
}

/** Whether each chain of a deployment is connected and has its vaults. */
async function isThere(chains: readonly Chain[], deployment: Deployment): Promise<boolean> {
  const found = await Promise.all(
    deployment.chains.flatMap(({ eid, chainId, vaults }) => {
      const chain = chains.find((candidate) => candidate.eid === eid && candidate.chainId === chainId);
      return vaults.map(async ({ vault }) => (await chain?.reader.getCode({ address: vault })) !== undefined);
    }),
  );
  return found.every(Boolean) && deployment.chains.length === chains.length;
}
