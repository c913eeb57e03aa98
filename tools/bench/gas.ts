import { fullArtifacts } from "@equipoise/circuits";
import { defaultMandate, LANE_COUNT, packMandate, WAD, WINDOW_LENGTH } from "@equipoise/sdk";
import { mint, redeem, vaultOf } from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { localAccounts } from "../../relayer/src/chains/accounts.ts";
import { startLocalChains } from "../../relayer/src/chains/local.ts";
import { EPOCH_LENGTH, ticksNeeded } from "../../relayer/src/demo/run.ts";
import { deployLocal } from "../../relayer/src/deploy/deployLocal.ts";
import { DEFAULT_PARAMETERS, setupTime } from "../../relayer/src/deploy/protocolParameters.ts";
import { hubSite, type LocalContext } from "../../relayer/src/pipeline/context.ts";
import { observePrices, ticksOf } from "../../relayer/src/pipeline/observePrices.ts";
import { type EpochReport, runEpoch } from "../../relayer/src/pipeline/runEpoch.ts";
import { SIMULATED_ASSETS, simulatePrices } from "../../relayer/src/prices/simulator.ts";
import { openStore } from "../../relayer/src/store/store.ts";
import { deployReferences, type ReferenceGas, runReferences } from "./on-chain.ts";

/** {gas} of the same step, whole transactions: base, calldata and execution. Empty where a run did not come to it. */
export type StepGas = { readonly first?: number | undefined; readonly later: readonly number[] };

export type GasRun = {
  readonly assets: number;
  readonly steps: Readonly<Record<string, StepGas>>;
  readonly proven: { readonly accept: StepGas; readonly allocate: StepGas; readonly receive: StepGas };
  readonly references: readonly ReferenceGas[];
};

/** The first one appends no word: it only sets prices. */
export const OBSERVE = "observe, 12 assets (the first sets prices)";
const EPOCHS = 3;
/** tick of the simulated crash: after what is measured, as it would stop the rebalances */
const AFTER_THE_EPOCHS = 10_000;
const CHAINS = [
  { chainId: 31337, eid: 40_337, role: "hub" },
  { chainId: 31338, eid: 40_338, role: "spoke" },
] as const;

/**
 * Runs three epochs of twelve simulated assets with real proofs on two local chains, a hub and a spoke, and the same epochs
 * without proofs beside them. Everything it starts, it ends.
 */
export async function benchGas(seed: number, progress: (line: string) => void): Promise<GasRun> {
  const circuits = await fullArtifacts(["covariance", "parity"]);
  const assets = SIMULATED_ASSETS.slice(0, LANE_COUNT);
  const series = simulatePrices({ seed, assets, ticks: ticksNeeded(EPOCHS), crashAt: AFTER_THE_EPOCHS });
  // a band that a day of quiet trading leaves, so that rebalances after the first are measured too
  const mandate = { ...defaultMandate(assets.length), driftBand: 2_000n /* 0.2 % */ };
  const words = packMandate(mandate);
  const parameters = { ...DEFAULT_PARAMETERS, assets, mandates: [{ name: "parity", words }] };
  const genesisTime = BigInt(series.times[0] as number) - setupTime(parameters);
  const local = await startLocalChains({ names: CHAINS, genesisTime });
  try {
    const { chains } = local;
    const accounts = localAccounts();
    const store = openStore();
    progress("deploying on a hub and a spoke");
    const deployment = await deployLocal({ chains, accounts, parameters, store });
    const prover: LocalContext["prover"] = {
      prove: (statement, input) => prove(statement, input, circuits[statement.circuit as keyof typeof circuits]),
    };
    const context: LocalContext = { chains, deployment, accounts, prover, store };
    const references = await deployReferences(context, words, parameters.maxRiskAge);
    const observed: number[] = [];
    const reports: EpochReport[] = [];
    const referenceGas: ReferenceGas[] = [];
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const newest = WINDOW_LENGTH + epoch * EPOCH_LENGTH;
      progress(`epoch ${epoch + 1} of ${EPOCHS}: observing up to hour ${newest}, then proofs, messages and auctions`);
      const { gas } = await observePrices(context, ticksOf(series, 0, newest + 1));
      observed.push(...gas.map(Number));
      const report = await runEpoch(context, series.prices[newest] as readonly bigint[]);
      reports.push(report);
      referenceGas.push(await runReferences(context, references, mandate.decayIndex, report));
    }
    const shares = await mintAndRedeem(context);
    return { assets: assets.length, ...stepsOf(context, observed, reports, shares), references: referenceGas };
  } finally {
    await releaseProver();
    await local.stop();
  }
}

/** The investor buys shares twice and gives both back. */
async function mintAndRedeem({ accounts, ...context }: LocalContext): Promise<{ mint: StepGas; redeem: StepGas }> {
  const { chain, deployment } = hubSite({ accounts, ...context });
  const client = chain.signer(accounts.investor);
  const order = {
    vault: vaultOf(deployment, "parity").vault,
    shares: 1_000n * WAD,
    receiver: accounts.investor.address,
  };
  const minted = [await mint(client, order), await mint(client, order)];
  const redeemed = [await redeem(client, order), await redeem(client, order)];
  const gasOf = (sent: readonly { readonly gasUsed: bigint }[]): StepGas => stepGas(sent.map(({ gasUsed }) => gasUsed));
  return { mint: gasOf(minted), redeem: gasOf(redeemed) };
}

const stepGas = (gas: readonly (bigint | undefined)[]): StepGas => {
  const [first, ...later] = gas.flatMap((used) => (used === undefined ? [] : [Number(used)]));
  return { first, later };
};

function stepsOf(
  context: LocalContext,
  observed: readonly number[],
  reports: readonly EpochReport[],
  shares: { mint: StepGas; redeem: StepGas },
): Pick<GasRun, "steps" | "proven"> {
  const { eid } = hubSite(context).deployment;
  const accept = stepGas(reports.map(({ risk }) => risk.gasUsed));
  const allocations = reports.flatMap((report) => report.allocations);
  const allocate = stepGas(allocations.filter((vault) => vault.eid === eid).map(({ gasUsed }) => gasUsed));
  const elsewhere = stepGas(allocations.filter((vault) => vault.eid !== eid).map(({ gasUsed }) => gasUsed));
  const deliveries = reports.flatMap((report) => report.deliveries.map(({ delivery }) => delivery));
  const receive = stepGas(deliveries.map(({ gas }) => gas.execute));
  const rounds = reports.flatMap(({ rebalances }) =>
    rebalances.filter((vault) => vault.eid === eid).flatMap((vault) => vault.rounds),
  );
  const bids = rounds.flatMap((round) => round.bids);
  const side = (buying: boolean): StepGas =>
    stepGas(bids.filter((bid) => bid.buying === buying).map(({ gasUsed }) => gasUsed));
  const steps = {
    [OBSERVE]: { first: observed[0], later: observed.slice(1) },
    "RiskOracle.accept": accept,
    "RiskBeacon broadcast to one chain": stepGas(reports.map(({ broadcast }) => broadcast.gasUsed)),
    "verifier's signature of a packet": stepGas(deliveries.flatMap(({ gas }) => gas.verify)),
    "commit of a packet": stepGas(deliveries.map(({ gas }) => gas.commit)),
    "RiskMirror lzReceive, by the executor": receive,
    "allocate on the hub": allocate,
    "allocate on the spoke, same proof": elsewhere,
    openRebalance: stepGas(rounds.map(({ openGas }) => openGas)),
    "bid, vault buys": side(true),
    "bid, vault sells": side(false),
    "mint, in kind": shares.mint,
    "redeem, in kind": shares.redeem,
  };
  return { steps, proven: { accept, allocate, receive } };
}
