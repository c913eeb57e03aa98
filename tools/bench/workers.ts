/** How many allocations a minute a relayer brings to its vaults with one and two prover workers, each a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fullArtifacts } from "@equipoise/circuits";
import { defaultMandate, packMandate, WINDOW_LENGTH } from "@equipoise/sdk";
import { readAllocation } from "@equipoise/sdk/actions";
import { prove } from "@equipoise/sdk/prover";
import { simulatedAllocation } from "@equipoise/sdk/testing";
import { toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { localAccounts } from "../../relayer/src/chains/accounts.ts";
import { LOCAL_MNEMONIC } from "../../relayer/src/chains/anvil.ts";
import type { Chain } from "../../relayer/src/chains/chain.ts";
import { startLocalChains } from "../../relayer/src/chains/local.ts";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { keptProofs } from "../../relayer/src/daemon/databaseStore.ts";
import { orderingProver } from "../../relayer/src/daemon/proofJobs.ts";
import { QUEUES } from "../../relayer/src/daemon/relayer.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { startJobs } from "../../relayer/src/database/jobs.ts";
import type { ThrowawayServer } from "../../relayer/src/database/throwawayServer.ts";
import { deployLocal } from "../../relayer/src/deploy/deployLocal.ts";
import { DEFAULT_PARAMETERS, setupTime } from "../../relayer/src/deploy/protocolParameters.ts";
import {
  bringSpokesUp,
  broadcastNewestRisk,
  type Context,
  deliverPackets,
  observePrices,
  proveAndAcceptRisk,
  ticksOf,
  vaultSitesOf,
} from "../../relayer/src/pipeline/index.ts";
import { ProofAwaited } from "../../relayer/src/pipeline/proverPort.ts";
import { SIMULATED_ASSETS, simulatePrices } from "../../relayer/src/prices/simulator.ts";
import { openStore } from "../../relayer/src/store/store.ts";

export type WorkersRun = {
  readonly workers: number;
  /** of one risk state: a vault of each mandate on each chain */
  readonly allocations: number;
  /** one for each mandate, whichever chains its vaults are on */
  readonly proofs: number;
  readonly seconds: number;
  readonly allocationsPerMinute: number;
  /** {ms} that a worker says it took for a proof: median */
  readonly proofMs: number;
};

const ASSETS = SIMULATED_ASSETS.slice(0, 5);
const NAMES = [
  { chainId: 31_337, eid: 40_337, role: "hub" },
  { chainId: 31_338, eid: 40_338, role: "spoke" },
] as const;
const KEY_VARIABLE = "EQUIPOISE_BENCH_KEY";
/** of the local account that relays */
const RELAYER_KEY = toHex(mnemonicToAccount(LOCAL_MNEMONIC, { addressIndex: 1 }).getHdKey().privateKey as Uint8Array);

/** A mandate of the bench: every one has another target, and so a proof of its own. */
const mandateOf = (place: number) => ({ ...defaultMandate(ASSETS.length), targetVolatility: 1_000n + BigInt(place) });

/**
 * A risk state on a hub and a spoke, vaults of so many mandates on each, and a relayer that allocates: prover workers join its real
 * Postgres by the URL alone. Counted from the relayer's start to the last vault's allocation; each worker has made a proof before, to
 * start its threads.
 */
export async function benchWorkers(server: ThrowawayServer, seed: number, mandates: number): Promise<WorkersRun[]> {
  const folder = mkdtempSync(join(tmpdir(), "equipoise-workers-"));
  const series = simulatePrices({ seed, assets: ASSETS, ticks: WINDOW_LENGTH + 1 });
  const named = Array.from({ length: mandates }, (_, place) => ({
    name: `target-${place}`,
    words: packMandate(mandateOf(place)),
  }));
  const parameters = { ...DEFAULT_PARAMETERS, assets: ASSETS, mandates: named };
  const genesisTime = BigInt(series.times[0] as number) - setupTime(parameters);
  const local = await startLocalChains({ names: NAMES, genesisTime });
  try {
    const { chains } = local;
    const accounts = localAccounts();
    const store = openStore();
    const deployment = await deployLocal({ chains, accounts, parameters, store });
    const artifacts = await fullArtifacts(["covariance"]);
    const prover: Context["prover"] = { prove: (statement, input) => prove(statement, input, artifacts.covariance) };
    const context = { chains, deployment, accounts, prover, store };
    await observePrices(context, ticksOf(series));
    await proveAndAcceptRisk(context);
    await broadcastNewestRisk(context);
    await deliverPackets(context);
    await bringSpokesUp(context, series.prices.at(-1) as readonly bigint[]);
    writeFileSync(join(folder, "deployment.json"), JSON.stringify({ version: 1, transactions: [], deployment }));
    const runs: WorkersRun[] = [];
    for (const workers of [1, 2]) {
      const snapshots = await Promise.all(chains.map((chain) => askChain(chain, "evm_snapshot", [])));
      runs.push(await runWorkers(server, folder, context, workers, mandates));
      await Promise.all(chains.map((chain, place) => askChain(chain, "evm_revert", [snapshots[place]])));
    }
    return runs;
  } finally {
    await local.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const askChain = ({ reader }: Chain, method: string, params: unknown[]): Promise<unknown> =>
  reader.request({ method, params } as unknown as Parameters<Chain["reader"]["request"]>[0]);

/** A database of its own on the server: what an earlier run has proven is not there. */
async function freshDatabase(server: ThrowawayServer, name: string): Promise<string> {
  const maintenance = await openDatabase({ url: server.url });
  await maintenance.query(`DROP DATABASE IF EXISTS ${name}`);
  await maintenance.query(`CREATE DATABASE ${name}`);
  await maintenance.close();
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Starts `equipoise relay` of a configuration; its log, line by line. */
function startProcess(
  file: string,
  config: object,
  onLine: (line: { msg?: string; ms?: number }) => void,
): ChildProcess {
  writeFileSync(file, JSON.stringify({ ...config, port: 0 }));
  const child = spawn(process.execPath, ["relayer/src/cli/main.ts", "relay", "--config", file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, [KEY_VARIABLE]: RELAYER_KEY },
  });
  createInterface({ input: child.stdout }).on("line", (text) => onLine(JSON.parse(text) as { msg?: string }));
  return child;
}

async function runWorkers(
  server: ThrowawayServer,
  folder: string,
  context: Context,
  workers: number,
  mandates: number,
): Promise<WorkersRun> {
  const database = { url: await freshDatabase(server, `equipoise_workers_${workers}`) };
  const children: ChildProcess[] = [];
  const times: number[] = [];
  const warm = new Set<number>();
  try {
    for (let worker = 0; worker < workers; worker++) {
      const onLine = ({ msg, ms }: { msg?: string; ms?: number }): void => {
        if (msg !== "proof" || ms === undefined) return;
        if (warm.has(worker)) times.push(ms);
        warm.add(worker);
      };
      children.push(startProcess(join(folder, `worker-${worker}.json`), { database, roles: ["prover"] }, onLine));
    }
    await warmUp(database.url, workers, () => warm.size === workers);
    times.length = 0;
    const chains = context.chains.map(({ eid, rpcUrl }) => ({ eid, rpcUrls: [rpcUrl], quorum: 1, finality: 1 }));
    const keys = { relayer: { variable: KEY_VARIABLE } };
    const config = { deployment: "deployment.json", database, roles: ["allocator"], chains, keys, lookEverySeconds: 1 };
    let begun: number | undefined;
    const onLine = ({ msg }: { msg?: string }): void => {
      if (msg === "started") begun = performance.now();
    };
    children.push(startProcess(join(folder, "relayer.json"), config, onLine));
    const vaults = vaultSitesOf(context as Context);
    const areThere = async (): Promise<boolean> => {
      const all = await Promise.all(vaults.map(({ chain, vault }) => readAllocation(chain.reader, { vault })));
      return all.every(({ index }) => index === BigInt(WINDOW_LENGTH));
    };
    while (!(await areThere())) await pause(100);
    const seconds = (performance.now() - (begun ?? Number.NaN)) / 1_000;
    const sorted = times.toSorted((one, other) => one - other);
    return {
      workers,
      allocations: vaults.length,
      proofs: mandates,
      seconds,
      allocationsPerMinute: (60 * vaults.length) / seconds,
      proofMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    };
  } finally {
    const gone = children.map((child) => new Promise((resolve) => void child.once("exit", resolve)));
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(gone);
  }
}

/** Orders as many proofs at once as there are workers, until each has made one: of a single one who is first may always be the same. */
async function warmUp(url: string, workers: number, isWarm: () => boolean): Promise<void> {
  const database = await openDatabase({ url });
  const jobs = await startJobs(database, QUEUES, () => undefined);
  const store = keptProofs(database);
  const makeOne = async (seed: number): Promise<void> => {
    const { statement, input } = simulatedAllocation({ seed });
    await orderingProver(database, jobs)
      .prove(statement, input)
      .catch((error: unknown) => {
        if (!(error instanceof ProofAwaited)) throw error;
      });
    while ((await store.proof(statement.circuit, statement.commitment)) === undefined) await pause(50);
  };
  try {
    for (let round = 0; !isWarm(); round++)
      await Promise.all(Array.from({ length: workers }, (_, place) => makeOne(1_000 + round * workers + place)));
  } finally {
    await jobs.stop();
    await database.close();
  }
}

export function workersTable(runs: readonly WorkersRun[]): string {
  const rows = runs.map(({ workers, allocations, proofs, seconds, allocationsPerMinute, proofMs }) => [
    `${workers}`,
    `${proofs}`,
    `${allocations}`,
    seconds.toFixed(1),
    allocationsPerMinute.toFixed(1),
    proofMs.toFixed(0),
  ]);
  const header = ["prover workers", "proofs", "allocations", "s", "allocations/min", "one proof, ms (median)"];
  return formatTable(header, rows);
}
