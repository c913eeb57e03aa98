import { fullArtifacts } from "@equipoise/circuits";
import {
  broadcastNewestRisk,
  type Context,
  DEFAULT_PARAMETERS,
  hubSite,
  localAccounts,
  observePrices,
  openStore,
  type PriceSeries,
  proveAndAcceptRisk,
  proveAndAllocate,
  setupTime,
  simulatePrices,
  startLocalChains,
  ticksOf,
  vaultSitesOf,
} from "@equipoise/relayer";
import { defaultMandate, packMandate } from "@equipoise/sdk";
import { type Deployment, findSentPackets, readAllocation, readLatestRiskIndex } from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { parseAbi } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain, LocalChains } from "../../relayer/src/chains/index.ts";
import { applyPlan, localSites, planProtocol } from "../../relayer/src/deploy/index.ts";
import { examine } from "../../relayer/src/doctor/index.ts";
import { networkNamed } from "../../relayer/src/networks/index.ts";
import { deliverByWorkers, deployFullLayerZero, TREASURY_BASIS_POINTS } from "./fullWorkers.ts";

const TICKS = 241;
const feesAbi = parseAbi([
  "function fees(address worker) view returns (uint256)",
  "function treasury() view returns (address)",
]);
const accounts = localAccounts();
let local: LocalChains;
let deployment: Deployment;
let series: PriceSeries;
let context: Context;

beforeAll(async () => {
  const simulated = simulatePrices({ ticks: TICKS, seed: 5, crashAt: 10_000 });
  const prices = simulated.prices.map((row) => row.slice(0, 2));
  series = { ...simulated, assets: simulated.assets.slice(0, 2), prices };
  const mandates = [{ name: "parity", words: packMandate(defaultMandate(2)) }];
  const parameters = { ...DEFAULT_PARAMETERS, assets: series.assets, mandates };
  const names = ["sepolia", "arbitrum-sepolia"].map((name) => networkNamed(name));
  local = await startLocalChains({
    names: names.map(({ chainId, eid }, place) => ({ chainId, eid, role: place === 0 ? "hub" : "spoke" })),
    genesisTime: BigInt(series.times[0] ?? 0) - setupTime(parameters),
  });
  const layerZero = await deployFullLayerZero(local.chains, accounts);
  const { investor, guardian, deployer, relayer } = accounts;
  const plan = planProtocol({
    name: "full",
    deployer: deployer.address,
    governance: { proposers: [investor.address], executors: [investor.address], guardian: guardian.address },
    parameters,
    sites: localSites(local.chains, layerZero, relayer.address),
  });
  await applyPlan({ chains: local.chains, plans: plan.plans, account: deployer });
  deployment = plan.deployment;
  const artifacts = await fullArtifacts(["covariance", "parity"]);
  const prover: Context["prover"] = {
    prove: (statement, input) => prove(statement, input, artifacts[statement.circuit as keyof typeof artifacts]),
  };
  context = { chains: local.chains, deployment, accounts, prover, store: openStore() };
}, 400_000);

afterAll(async () => {
  await releaseProver();
  await local?.stop();
});

describe("LayerZero with its own verifiers, executor, fees and treasury", () => {
  it("default: from prices to vaults that follow a proof on both chains, and everybody is paid", async () => {
    expect(await examine(local.chains, deployment)).toEqual([]);
    await observePrices(context, ticksOf(series, 0, TICKS));
    await proveAndAcceptRisk(context);
    const { chain, deployment: hub } = hubSite(context);
    await broadcastNewestRisk(context);

    const [sent] = await findSentPackets(
      { client: chain.reader, layerZero: hub.layerZero },
      { fromBlock: 0n, toBlock: await chain.reader.getBlockNumber() },
    );
    if (sent === undefined) throw new Error("no packet has left");
    const library = { address: hub.layerZero.sendLibrary, abi: feesAbi } as const;
    const feeOf = (worker: `0x${string}`): Promise<bigint> =>
      chain.reader.readContract({ ...library, functionName: "fees", args: [worker] });
    const paid = await Promise.all([...hub.layerZero.verifiers, hub.layerZero.executor].map(feeOf));
    for (const fee of paid) expect(fee).toBeGreaterThan(0n);
    const treasury = await chain.reader.readContract({ ...library, functionName: "treasury" });
    const total = paid.reduce((sum, fee) => sum + fee, 0n);
    expect(await feeOf(treasury)).toBe((total * TREASURY_BASIS_POINTS) / 10_000n);

    const spoke = local.chains[1] as Chain;
    const site = deployment.chains[1] as Deployment["chains"][number];
    await deliverByWorkers(spoke, site.layerZero, accounts, sent);
    expect(await readLatestRiskIndex(spoke.reader, site)).toBe(240n);

    await proveAndAllocate(context);
    const allocations = await Promise.all(vaultSitesOf(context).map((at) => readAllocation(at.chain.reader, at)));
    expect(allocations.map(({ index }) => index)).toEqual([240n, 240n]);
    expect(allocations[0]?.weights).toEqual(allocations[1]?.weights);
  }, 400_000);
});
