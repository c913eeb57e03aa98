import { type Mandate, packMandate, WINDOW_LENGTH } from "@equipoise/sdk";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { localAccounts } from "../chains/accounts.ts";
import { startLocalChains } from "../chains/local.ts";
import type { RelayerConfig } from "../config.ts";
import { deployLocal } from "../deploy/deployLocal.ts";
import { DEFAULT_PARAMETERS, type ProtocolParameters, setupTime } from "../deploy/protocolParameters.ts";
import {
  type Context,
  type EpochReport,
  observePrices,
  runEpoch,
  sitesOf,
  ticksOf,
  windowFacts,
} from "../pipeline/index.ts";
import type { PriceSeries } from "../prices/series.ts";
import { openStore } from "../store/store.ts";
import { type Portfolio, readPortfolio } from "./portfolio.ts";
import { compileContracts, prepareCircuits } from "./prepare.ts";
import { type Redemption, redeemAll } from "./redeemAll.ts";

/** Observations between two epochs. */
export const EPOCH_LENGTH = 24;
export const MINIMUM_EPOCHS = 3;

/** Prices a demo needs: a window, then the epochs after the first. */
export const ticksNeeded = (epochs: number): number => WINDOW_LENGTH + 1 + (epochs - 1) * EPOCH_LENGTH;

export type DemoParameters = {
  readonly series: PriceSeries;
  readonly mandate: Mandate;
  readonly epochs: number;
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
  readonly constraints: { readonly covariance: number; readonly parity: number };
  readonly observeGas: readonly bigint[];
  readonly epochs: readonly DemoEpoch[];
  readonly redemptions: readonly Redemption[];
  readonly elapsedSeconds: number;
};

/** Two rounds of auctions fit between two observations. */
const AUCTION_LENGTH = 1_200;

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** The whole way on three local chains: from prices to a redemption in kind. Everything it starts, it ends. */
export async function runDemo({ series, mandate, epochs, config, progress }: DemoParameters): Promise<DemoRun> {
  const started = performance.now();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    progress(`${name} …`);
    const since = performance.now();
    const result = await work();
    progress(`  done in ${seconds(since)}`);
    return result;
  };

  await timed("compiling the contracts", compileContracts);
  const circuits = await timed("circuits and development keys", prepareCircuits);
  const parameters: ProtocolParameters = {
    ...DEFAULT_PARAMETERS,
    auctionLength: AUCTION_LENGTH,
    assets: series.assets,
    mandate: packMandate(mandate),
  };
  const genesisTime = BigInt(series.times[0] as number) - setupTime(parameters);
  const local = await timed("starting three chains", () =>
    startLocalChains({ genesisTime, stateFolder: config.chainFolder }),
  );
  try {
    const { chains } = local;
    const accounts = localAccounts();
    const store = openStore(config.storeFile);
    const deployment = await timed("deploying LayerZero and the protocol, seeding the vaults", () =>
      deployLocal({ chains, accounts, parameters, store }),
    );
    const prover = {
      prove: (...[statement, input]: Parameters<Context["prover"]["prove"]>) =>
        prove(statement, input, circuits[statement.circuit as keyof typeof circuits]),
    };
    const context: Context = { chains, deployment, accounts, prover, store };
    const observeGas: bigint[] = [];
    const done: DemoEpoch[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const newest = WINDOW_LENGTH + epoch * EPOCH_LENGTH;
      const observed = await timed(`observing prices up to hour ${newest}`, () =>
        observePrices(context, ticksOf(series, 0, newest + 1)),
      );
      observeGas.push(...observed.gas);
      progress(`epoch ${epoch + 1} of ${epochs}`);
      done.push(await demoEpoch(context, mandate, series, newest, progress));
    }
    const redemptions = await timed("redeeming every share in kind", () => redeemAll(context));
    return {
      series,
      mandate,
      chains: deployment.chains.map(({ chainId, eid, role }) => ({ chainId, eid, role })),
      constraints: { covariance: circuits.covariance.constraints, parity: circuits.parity.constraints },
      observeGas,
      epochs: done,
      redemptions,
      elapsedSeconds: (performance.now() - started) / 1000,
    };
  } finally {
    await releaseProver();
    await local.stop();
  }
}

/** An epoch with every vault's holdings before and after it. */
async function demoEpoch(
  context: Context,
  mandate: Mandate,
  series: PriceSeries,
  tick: number,
  progress: (line: string) => void,
): Promise<DemoEpoch> {
  const prices = series.prices[tick] as readonly bigint[];
  const { covarianceTriangles } = await windowFacts(context, BigInt(tick));
  const triangle = covarianceTriangles[mandate.decayIndex] as readonly bigint[];
  const portfolios = (): Promise<Portfolio[]> =>
    Promise.all(sitesOf(context).map((site) => readPortfolio(site, prices, triangle, mandate)));
  const before = await portfolios();
  const report = await runEpoch(context, prices, (step, _, ms) => progress(`  ${step}: ${(ms / 1000).toFixed(1)} s`));
  const after = await portfolios();
  const vaults = sitesOf(context).map(({ chain: { eid } }, place) => ({
    eid,
    before: before[place] as Portfolio,
    after: after[place] as Portfolio,
  }));
  return { time: series.times[tick] as number, report, vaults };
}
