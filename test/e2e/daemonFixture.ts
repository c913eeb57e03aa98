import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  advanceTime,
  type Chain,
  chainTime,
  hubSite,
  type LocalContext,
  observePrices,
  type Site,
  sitesOf,
  ticksOf,
} from "@equipoise/relayer";
import { WINDOW_LENGTH } from "@equipoise/sdk";
import { CallReverted, observationLogAbi, observe } from "@equipoise/sdk/actions";
import { pino } from "pino";
import { mineBlocks, reorganise, setNextBlockTime } from "../../relayer/src/chains/clock.ts";
import { readConfigFile } from "../../relayer/src/daemon/configFile.ts";
import type { RelayerConfig } from "../../relayer/src/daemon/daemonConfig.ts";
import { type RunningRelayer, startRelayer } from "../../relayer/src/daemon/relayer.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { startThrowawayServer, type ThrowawayServer } from "../../relayer/src/database/throwawayServer.ts";
import { type FaultyProxy, startFaultyProxy } from "../../relayer/src/rpc/faultyProxy.ts";
import { beginEpoch, type Epoch } from "./daemonEpoch.ts";
import { type DaemonProcess, keyOf, type Line, type Listening, note, spawnRelayer } from "./daemonProcess.ts";
import { askNode, openFeeds } from "./localFeeds.ts";
import { startPipeline, TWO_MANDATES, WINDOW_TICKS } from "./pipelineFixture.ts";

export const RELAYER_KEY = keyOf(1);
const KEY_VARIABLE = "EQUIPOISE_FAULTS_KEY";
process.env[KEY_VARIABLE] = RELAYER_KEY;
/** of the account that bids */
export const BIDDER_VARIABLE = "EQUIPOISE_FAULTS_BIDDER";
process.env[BIDDER_VARIABLE] = keyOf(2);

/** A relayer that runs, and what it has said. */
export type Daemon = Listening & { readonly lines: readonly Line[]; readonly stop: () => Promise<void> };

/** A chain, and three endpoints of it that can be told to fail. */
export type FaultySite = Site & { readonly endpoints: readonly FaultyProxy[] };

export type DaemonFixture = {
  readonly context: LocalContext;
  readonly sites: readonly FaultySite[];
  /** the real server, where this machine has one */
  readonly server: ThrowawayServer | undefined;
  readonly folder: string;
  /** blocks come by themselves */
  readonly mining: { on: boolean };
  /** meanwhile no blocks come on this chain, on the others they do */
  readonly withoutBlocks: (site: Site, meanwhile: () => Promise<void>) => Promise<void>;
  /** chains as they were with one full window, and a database that knows nothing but proofs: a proof is made once for all tests */
  readonly fresh: () => Promise<Epoch>;
  /** one more observation */
  readonly nextEpoch: () => Promise<Epoch>;
  /** the hub's feeds and log get the next prices; by others than the relayer */
  readonly observeNext: (scale?: bigint) => Promise<bigint>;
  /** what a config file has of the chains, each with this too */
  readonly chainConfigs: (more?: object) => object[];
  /** writes a configuration: its path */
  readonly written: (overrides?: object) => string;
  readonly config: (overrides?: object) => RelayerConfig;
  readonly start: (overrides?: object) => Promise<Daemon>;
  readonly spawn: (overrides?: object) => DaemonProcess;
  readonly stop: () => Promise<void>;
};

const openEndpoints = ({ rpcUrl }: Chain): Promise<FaultyProxy[]> =>
  Promise.all([1, 2, 3].map(() => startFaultyProxy(rpcUrl)));

export const ALL_ROLES = ["prover", "allocator", "broadcaster", "deliverer"] as const;
/**
 * The protocol on a hub and its spokes, two vaults on each unless other mandates are given, each chain behind three endpoints, with a
 * full window observed, or one of which the last observation is due.
 */
export async function startDaemonFixture(
  chainIds: readonly number[],
  { moreTicks = 40, mandates = TWO_MANDATES, isWindowFull = true } = {},
): Promise<DaemonFixture> {
  const pipeline = await startPipeline(
    { prove: () => Promise.reject(new Error("the test proves nothing itself")) },
    { chainIds, ticks: WINDOW_TICKS + moreTicks, parameters: { mandates } },
  );
  const context = pipeline.restarted();
  await observePrices(context, ticksOf(pipeline.series, 0, WINDOW_TICKS - 1));
  const folder = mkdtempSync(join(tmpdir(), "equipoise-daemon-"));
  const server = await startThrowawayServer();
  const database = server === undefined ? { directory: join(folder, "data") } : { url: server.url };
  const sites = await Promise.all(
    sitesOf(context).map(async (site) => ({
      ...site,
      endpoints: await openEndpoints(site.chain),
    })),
  );
  const hub = hubSite(context);
  const log = { address: hub.deployment.observationLog, abi: observationLogAbi } as const;
  const feeds = await openFeeds(hub);
  const mining = { on: true };
  const halted = new Set<number>();
  let minings: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    const moving = sites.filter(({ chain }) => !halted.has(chain.chainId));
    if (mining.on) minings = Promise.allSettled(moving.map(({ chain }) => mineBlocks(chain, 1)));
  }, 400);
  const withoutBlocks: DaemonFixture["withoutBlocks"] = async (site, meanwhile) => {
    await askNode(site, "evm_setAutomine", [false]);
    halted.add(site.chain.chainId);
    try {
      await minings;
      await meanwhile();
    } finally {
      halted.delete(site.chain.chainId);
      await askNode(site, "evm_setAutomine", [true]);
    }
  };
  let tick = WINDOW_TICKS - 1;
  /** The next prices, once an observation is due. Blocks rest until what follows is done. */
  const publishNext = async <result>(scale: bigint, then: () => Promise<result>): Promise<result> => {
    const before = mining.on;
    mining.on = false;
    await minings;
    const due = (await hub.chain.reader.readContract({ ...log, functionName: "lastObservedAt" })) + 3_600n;
    if ((await chainTime(hub.chain)) < due) await setNextBlockTime(hub.chain, due);
    const prices = pipeline.series.prices[tick++] as readonly bigint[];
    await feeds.publish(prices.map((price) => (price * scale) / 1_000n));
    const result = await then();
    mining.on = before;
    return result;
  };
  const observeNext = (scale = 1_000n): Promise<bigint> =>
    publishNext(scale, async () => {
      try {
        await observe(hub.chain.signer(context.accounts.investor), hub.deployment);
      } catch (error) {
        if (!(error instanceof CallReverted && error.reason === "ObservationTooEarly")) throw error; // a relayer was first
      }
      return hub.chain.reader.readContract({ ...log, functionName: "index" });
    });

  const spokesUp = async (): Promise<void> => {
    const now = await chainTime(hub.chain);
    for (const { chain } of sites.slice(1)) if ((await chainTime(chain)) < now) await advanceTime(chain, now);
  };
  const nextEpoch = async (): Promise<Epoch> => {
    const index = await observeNext();
    await spokesUp();
    return beginEpoch(context, index);
  };

  if (isWindowFull) await observeNext();
  else await publishNext(1_000n, async () => undefined);
  const first = tick;
  await spokesUp();
  let snapshots = await Promise.all(sites.map((site) => askNode(site, "evm_snapshot", [])));
  const fresh = async (): Promise<Epoch> => {
    const before = mining.on;
    mining.on = false;
    await minings;
    // what an earlier relayer has not got through to its endpoints must not come to a chain that has gone back
    for (const { chain, endpoints } of sites) {
      await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.stop()));
      endpoints.push(...(await openEndpoints(chain)));
    }
    for (const [place, site] of sites.entries()) {
      const isBack = await askNode(site, "evm_revert", [snapshots[place]]);
      if (isBack !== true) throw new Error(`chain ${site.chain.chainId} has not gone back to ${snapshots[place]}`);
    }
    snapshots = await Promise.all(sites.map((site) => askNode(site, "evm_snapshot", [])));
    const known = await openDatabase(database);
    await known.query("TRUNCATE equipoise.cursors, equipoise.stopped_chains, equipoise.packets, equipoise.signers");
    await known.query("TRUNCATE equipoise.transactions, equipoise.attempts");
    const [boss] = await known.query<{ job: string | null }>("SELECT to_regclass('pgboss.job')::text AS job");
    if (boss?.job != null) await known.query("DELETE FROM pgboss.job");
    await known.close();
    tick = first;
    mining.on = before;
    return beginEpoch(context, BigInt(WINDOW_LENGTH));
  };

  const chainConfigs = (more: object = {}): object[] =>
    sites.map(({ chain, endpoints }) => ({
      eid: chain.eid,
      rpcUrls: endpoints.map(({ url }) => url),
      finality: 2,
      ...more,
    }));
  let configs = 0;
  const written = (overrides: object = {}): string => {
    writeFileSync(
      join(folder, "deployment.json"),
      JSON.stringify({ version: 1, transactions: [], deployment: context.deployment }),
    );
    const file = join(folder, `relayer-${++configs}.json`);
    const config = {
      deployment: "deployment.json",
      database,
      roles: ALL_ROLES,
      chains: chainConfigs(),
      keys: { relayer: { variable: KEY_VARIABLE } },
      lookEverySeconds: 1,
      port: 0,
      ...overrides,
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  };
  const configOf = (overrides?: object): RelayerConfig => readConfigFile(written(overrides)) as RelayerConfig;
  const running = new Set<RunningRelayer>();
  const spawned: DaemonProcess[] = [];
  return {
    context,
    sites,
    server,
    folder,
    mining,
    withoutBlocks,
    observeNext,
    fresh,
    nextEpoch,
    chainConfigs,
    written,
    config: configOf,
    start: async (overrides) => {
      const lines: Line[] = [];
      const destination = { write: (text: string) => note(lines, text) };
      const relayer = await startRelayer(configOf(overrides), pino({ base: null }, destination));
      running.add(relayer);
      const stop = async (): Promise<void> => {
        if (running.delete(relayer)) await relayer.stop();
      };
      return { lines, port: relayer.port, stop };
    },
    spawn: (overrides) => {
      const relayer = spawnRelayer(written(overrides));
      spawned.push(relayer);
      return relayer;
    },
    stop: async () => {
      clearInterval(timer);
      mining.on = false;
      await Promise.all(spawned.map(({ kill }) => kill()));
      await Promise.all([...running].map((relayer) => relayer.stop()));
      await Promise.all(sites.flatMap(({ endpoints }) => endpoints.map((endpoint) => endpoint.stop())));
      await server?.stop();
      await pipeline.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Forgets the blocks of a chain from one on. */
export async function forgetFrom(site: Site, block: bigint): Promise<void> {
  const head = await site.chain.reader.getBlockNumber();
  await reorganise(site.chain, Number(head - block + 1n));
}
