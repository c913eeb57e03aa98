import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Context,
  DEFAULT_PARAMETERS,
  deployLocal,
  localAccounts,
  openStore,
  type PriceSeries,
  type ProtocolParameters,
  type ProverPort,
  setupTime,
  simulatePrices,
  startLocalChains,
} from "@equipoise/relayer";
import { defaultMandate, packMandate } from "@equipoise/sdk";

export const WINDOW_TICKS = 241;
export const ASSETS = 3;

/** The whole protocol on a hub and one spoke, and simulated prices for one window. */
export type PipelineFixture = {
  readonly series: PriceSeries;
  readonly parameters: ProtocolParameters;
  /** what a process that starts has: the relayer's file read anew */
  readonly restarted: (overrides?: Partial<Context>) => Context;
  readonly blocks: () => Promise<bigint[]>;
  readonly stop: () => Promise<void>;
};

/** Starts two chains and deploys on them. */
export async function startPipeline(prover: ProverPort): Promise<PipelineFixture> {
  const folder = mkdtempSync(join(tmpdir(), "equipoise-pipeline-"));
  const file = join(folder, "relayer.json");
  const simulated = simulatePrices({ ticks: WINDOW_TICKS, seed: 3, crashAt: 10_000 });
  const prices = simulated.prices.map((row) => row.slice(0, ASSETS));
  const series = { ...simulated, assets: simulated.assets.slice(0, ASSETS), prices };
  const mandate = packMandate(defaultMandate(ASSETS));
  const parameters = { ...DEFAULT_PARAMETERS, assets: series.assets, mandate };
  const { chains, stop } = await startLocalChains({
    names: [
      { chainId: 31_351, eid: 40_351, role: "hub" },
      { chainId: 31_352, eid: 40_352, role: "spoke" },
    ],
    genesisTime: BigInt(series.times[0] ?? 0) - setupTime(parameters),
  });
  const accounts = localAccounts();
  const deployment = await deployLocal({ chains, accounts, parameters, store: openStore(file) });
  return {
    series,
    parameters,
    restarted: (overrides = {}) => ({ chains, deployment, accounts, prover, store: openStore(file), ...overrides }),
    blocks: () => Promise.all(chains.map(({ reader }) => reader.getBlockNumber())),
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}
