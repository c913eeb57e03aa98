import type { CircuitArtifacts } from "@equipoise/circuits";
import { type Mandate, packMandate, type Statement, WINDOW_LENGTH } from "@equipoise/sdk";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { localAccounts } from "../chains/accounts.ts";
import { startLocalChains } from "../chains/local.ts";
import type { RelayerConfig } from "../config.ts";
import { DEFAULT_CLEARING } from "../deploy/clearingParameters.ts";
import { deployClearing } from "../deploy/deployClearing.ts";
import { deployLocal } from "../deploy/deployLocal.ts";
import { DEFAULT_PARAMETERS, type ProtocolParameters, setupTime } from "../deploy/protocolParameters.ts";
import {
  type EpochReport,
  type LocalContext,
  observePrices,
  type ProverPort,
  runEpoch,
  type SeriesListing,
  ticksOf,
  vaultSitesOf,
  windowFacts,
} from "../pipeline/index.ts";
import type { PriceSeries } from "../prices/series.ts";
import { StepFailed } from "../stepFailed.ts";
import { openStore } from "../store/store.ts";
import { announceSeries, type ClearingAct, runClearingAct } from "./clearing/act.ts";
import type { OptionsFile } from "./clearing/market.ts";
import { type Portfolio, readPortfolio } from "./portfolio.ts";
import { compileContracts, type PreparedCircuits, prepareCircuits } from "./prepare.ts";
import { type Redemption, redeemAll } from "./redeemAll.ts";

/** Observations between two epochs. */
export const EPOCH_LENGTH = 24;
export const MINIMUM_EPOCHS = 3;

/** Prices the epochs of a demo need: a window, then those after the first. */
export const ticksNeeded = (epochs: number): number => WINDOW_LENGTH + 1 + (epochs - 1) * EPOCH_LENGTH;
/** Observations between announcing series and listing them: the governor's timelock lasts a day. */
const NOTICE = 24;

export type DemoParameters = {
  readonly series: PriceSeries;
  readonly mandate: Mandate;
  readonly epochs: number;
  /** options, a perpetual and a liquidation after the epochs; needs CLEARING_HOURS more prices */
  readonly clearing?: { readonly options?: OptionsFile | undefined } | undefined;
  readonly config: RelayerConfig;
  readonly progress: (line: string) => void;
};

/** One vault in one epoch. */
export type VaultEpoch = { readonly eid: number; readonly before: Portfolio; readonly after: Portfolio };
export type DemoEpoch = { readonly time: number; readonly report: EpochReport; readonly vaults: readonly VaultEpoch[] };

export type DemoChain = { readonly chainId: number; readonly eid: number; readonly role: "hub" | "spoke" };
export type DemoRun = {
  readonly series: PriceSeries;
  readonly mandate: Mandate;
  readonly chains: readonly DemoChain[];
  /** by circuit */
  readonly constraints: Readonly<Record<string, number>>;
  readonly observeGas: readonly bigint[];
  readonly epochs: readonly DemoEpoch[];
  readonly clearing?: ClearingAct;
  readonly redemptions: readonly Redemption[];
  readonly elapsedSeconds: number;
};

/** Two rounds of auctions fit between two observations. */
const AUCTION_LENGTH = 1_200;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** The whole way on three local chains: from prices to a redemption in kind. Everything it starts, it ends. */
export async function runDemo(demo: DemoParameters): Promise<DemoRun> {
  const { series, mandate, epochs, clearing, config, progress } = demo;
  const started = performance.now();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    progress(`${name} …`);
    const since = performance.now();
    const result = await work();
    progress(`  done in ${seconds(since)}`);
    return result;
  };

  await timed("compiling the contracts", compileContracts);
  const circuits = await timed("circuits and development keys", () => prepareCircuits(clearing !== undefined));
  const parameters: ProtocolParameters = {
    ...DEFAULT_PARAMETERS,
    auctionLength: AUCTION_LENGTH,
    assets: series.assets,
    mandates: [{ name: "parity", words: packMandate(mandate) }],
  };
  const genesisTime = BigInt(series.times[0] as number) - setupTime(parameters);
  const local = await timed("starting three chains", () =>
    startLocalChains({ genesisTime, stateFolder: config.chainFolder }),
  );
  try {
    const { chains } = local;
    const accounts = localAccounts();
    const store = openStore(config.storeFile);
    let deployment = await timed("deploying LayerZero and the protocol, seeding the vaults", () =>
      deployLocal({ chains, accounts, parameters, store }),
    );
    if (clearing !== undefined) {
      const parts = { chains, accounts, deployment, parameters: DEFAULT_CLEARING, store };
      deployment = await timed("deploying clearing, a gate on every chain", () => deployClearing(parts));
    }
    const prover: ProverPort = {
      prove: (statement, input) => prove(statement, input, artifactsOf(circuits, statement)),
    };
    const context: LocalContext = { chains, deployment, accounts, prover, store };
    const observeGas: bigint[] = [];
    const done: DemoEpoch[] = [];
    let listings: SeriesListing[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const newest = WINDOW_LENGTH + epoch * EPOCH_LENGTH;
      const observe = async (until: number): Promise<void> => {
        const observed = await timed(`observing prices up to hour ${until}`, () =>
          observePrices(context, ticksOf(series, 0, until + 1)),
        );
        observeGas.push(...observed.gas);
      };
      if (clearing !== undefined && epoch === epochs - 1) {
        await observe(newest - NOTICE);
        listings = await announceSeries(context, series, newest - NOTICE);
      }
      await observe(newest);
      progress(`epoch ${epoch + 1} of ${epochs}`);
      done.push(await demoEpoch(context, mandate, series, newest, progress));
    }
    const tick = WINDOW_LENGTH + (epochs - 1) * EPOCH_LENGTH;
    if (clearing !== undefined) progress("clearing");
    const act =
      clearing === undefined
        ? undefined
        : await runClearingAct({ context, series, tick, listings, options: clearing.options, progress });
    const redemptions = await timed("redeeming every share in kind", () => redeemAll(context));
    return {
      series,
      mandate,
      chains: deployment.chains.map(({ chainId, eid, role }) => ({ chainId, eid, role })),
      constraints: Object.fromEntries(Object.entries(circuits).map(([name, { constraints }]) => [name, constraints])),
      observeGas,
      epochs: done,
      ...(act === undefined ? {} : { clearing: act }),
      redemptions,
      elapsedSeconds: (performance.now() - started) / 1000,
    };
  } finally {
    await releaseProver();
    await local.stop();
  }
}

function artifactsOf(circuits: PreparedCircuits, { circuit }: Pick<Statement, "circuit">): CircuitArtifacts {
  const artifacts = circuits[circuit];
  if (artifacts === undefined) throw new StepFailed(`the ${circuit} circuit was not prepared`, { retry: false });
  return artifacts;
}

/** An epoch with every vault's holdings before and after it. */
async function demoEpoch(
  context: LocalContext,
  mandate: Mandate,
  series: PriceSeries,
  tick: number,
  progress: (line: string) => void,
): Promise<DemoEpoch> {
  const prices = series.prices[tick] as readonly bigint[];
  const { covarianceTriangles } = await windowFacts(context, BigInt(tick));
  const triangle = covarianceTriangles[mandate.decayIndex] as readonly bigint[];
  const portfolios = (): Promise<Portfolio[]> =>
    Promise.all(vaultSitesOf(context).map((site) => readPortfolio(site, prices, triangle, mandate)));
  const before = await portfolios();
  const report = await runEpoch(context, prices, (step, _, ms) => progress(`  ${step}: ${(ms / 1000).toFixed(1)} s`));
  const after = await portfolios();
  const vaults = vaultSitesOf(context).map(({ chain: { eid } }, place) => ({
    eid,
    before: before[place] as Portfolio,
    after: after[place] as Portfolio,
  }));
  return { time: series.times[tick] as number, report, vaults };
}
