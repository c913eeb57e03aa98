import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DEFAULT_PARAMETERS,
  deployLocal,
  type LocalContext,
  localAccounts,
  type NamedMandate,
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
const ONE_MANDATE: readonly NamedMandate[] = [{ name: "parity", words: packMandate(defaultMandate(ASSETS)) }];
const CALM = { ...defaultMandate(ASSETS), budgets: [500_000n, 300_000n, 200_000n], targetVolatility: 1_000n };
/** Each has a vault on every chain. */
export const TWO_MANDATES: readonly NamedMandate[] = [...ONE_MANDATE, { name: "calm", words: packMandate(CALM) }];

/** The whole protocol on a hub and its spokes, and simulated prices for one window. */
export type PipelineFixture = {
  readonly series: PriceSeries;
  readonly parameters: ProtocolParameters;
  /** what a process that starts has: the relayer's file read anew */
  readonly restarted: (overrides?: Partial<LocalContext>) => LocalContext;
  readonly blocks: () => Promise<bigint[]>;
  readonly stop: () => Promise<void>;
};

export type PipelineOptions = {
  /** prices; a window of them when absent */
  readonly ticks?: number;
  /** tick at which the market crashes; not at all when absent */
  readonly crashAt?: number;
  /** ids of the hub and of the spokes; eids are 9,000 above */
  readonly chainIds?: readonly number[];
  readonly parameters?: Partial<ProtocolParameters>;
};

/** Starts the chains, one spoke unless more are named, and deploys on them. */
export async function startPipeline(prover: ProverPort, options: PipelineOptions = {}): Promise<PipelineFixture> {
  const { ticks = WINDOW_TICKS, crashAt = 10_000, chainIds = [31_351, 31_352] } = options;
  const folder = mkdtempSync(join(tmpdir(), "equipoise-pipeline-"));
  const file = join(folder, "relayer.json");
  const simulated = simulatePrices({ ticks, seed: 3, crashAt });
  const prices = simulated.prices.map((row) => row.slice(0, ASSETS));
  const series = { ...simulated, assets: simulated.assets.slice(0, ASSETS), prices };
  const parameters = { ...DEFAULT_PARAMETERS, assets: series.assets, mandates: ONE_MANDATE, ...options.parameters };
  const { chains, stop } = await startLocalChains({
    names: chainIds.map((chainId, place) => ({ chainId, eid: chainId + 9_000, role: place === 0 ? "hub" : "spoke" })),
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
