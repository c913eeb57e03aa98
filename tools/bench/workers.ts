/** How many allocations a minute relayers get through with one and with two prover workers, each a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import {
  allocationFacts,
  covarianceFactsOf,
  defaultMandate,
  observedReturns,
  packMandate,
  packObservations,
  parityInput,
  parityStatement,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import type { Deployment } from "@equipoise/sdk/actions";
import { keccak256, toHex } from "viem";
import { localAccounts } from "../../relayer/src/chains/accounts.ts";
import { startLocalChains } from "../../relayer/src/chains/local.ts";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { databaseStore } from "../../relayer/src/daemon/databaseStore.ts";
import { orderingProver, ProofAwaited } from "../../relayer/src/daemon/proofJobs.ts";
import { QUEUES } from "../../relayer/src/daemon/relayer.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { startJobs } from "../../relayer/src/database/jobs.ts";
import type { ThrowawayServer } from "../../relayer/src/database/throwawayServer.ts";
import { deployLocal } from "../../relayer/src/deploy/deployLocal.ts";
import { DEFAULT_PARAMETERS } from "../../relayer/src/deploy/protocolParameters.ts";
import { parseRecord } from "../../relayer/src/deploy/record.ts";
import { SIMULATED_ASSETS, simulatePrices } from "../../relayer/src/prices/simulator.ts";
import { openStore } from "../../relayer/src/store/store.ts";

export type WorkersRun = {
  readonly workers: number;
  /** allocations of different mandates, after each worker's first */
  readonly allocations: number;
  readonly seconds: number;
  readonly allocationsPerMinute: number;
  /** {ms} that a worker says it took for one: median */
  readonly proofMs: number;
};

const ASSETS = SIMULATED_ASSETS.slice(0, 5);

/** Statements of as many mandates as asked for, over one window. */
function statementsOf(seed: number, count: number) {
  const { prices } = simulatePrices({ seed, assets: ASSETS, ticks: WINDOW_LENGTH + 1 });
  const { covarianceTriangles } = covarianceFactsOf(packObservations(observedReturns(prices)));
  return Array.from({ length: count }, (_, place) => {
    const mandate = { ...defaultMandate(ASSETS.length), targetVolatility: 1_000n + BigInt(place) };
    const { facts } = allocationFacts(mandate, covarianceTriangles[mandate.decayIndex] as readonly bigint[]);
    const statement = parityStatement(facts);
    return { statement, input: parityInput(facts, statement) };
  });
}

/**
 * Orders the allocations of one window's mandates in a real Postgres and lets workers join it by its URL, in processes that have no other
 * role. Each worker first makes one that is not counted: it starts threads and compiles.
 */
export async function benchWorkers(server: ThrowawayServer, seed: number, allocations: number): Promise<WorkersRun[]> {
  const folder = mkdtempSync(join(tmpdir(), "equipoise-workers-"));
  const local = await startLocalChains({ names: [{ chainId: 31_337, eid: 40_337, role: "hub" }] });
  const runs: WorkersRun[] = [];
  try {
    const words = packMandate(defaultMandate(ASSETS.length));
    const parameters = { ...DEFAULT_PARAMETERS, assets: ASSETS, mandates: [{ name: "parity", words }] };
    const accounts = localAccounts();
    const { chains } = local;
    const made = await deployLocal({ chains, accounts, parameters, store: openStore() });
    const record = { version: 1, transactions: [], deployment: made };
    writeFileSync(join(folder, "deployment.json"), JSON.stringify(record));
    const { deployment } = parseRecord(JSON.parse(JSON.stringify(record)));
    const config = {
      deployment: "deployment.json",
      database: { url: server.url },
      roles: ["prover"],
      chains: chains.map(({ eid, rpcUrl }) => ({ eid, rpcUrls: [rpcUrl], finality: 1 })),
      keys: { relayer: { variable: "EQUIPOISE_BENCH_KEY" } },
      port: 0,
    };
    writeFileSync(join(folder, "relayer.json"), JSON.stringify(config));
    for (const workers of [1, 2])
      runs.push(
        await runWorkers(
          server,
          deployment as Deployment,
          join(folder, "relayer.json"),
          seed + workers,
          workers,
          allocations,
        ),
      );
    return runs;
  } finally {
    await local.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runWorkers(
  server: ThrowawayServer,
  deployment: Deployment,
  configFile: string,
  seed: number,
  workers: number,
  allocations: number,
): Promise<WorkersRun> {
  const database = await openDatabase({ url: server.url });
  const store = await databaseStore(database, deployment);
  const jobs = await startJobs(database, QUEUES, () => undefined);
  const orders = statementsOf(seed, allocations + workers);
  const children: ChildProcess[] = [];
  const times: number[] = [];
  const ordered = async (some: typeof orders): Promise<void> => {
    for (const { statement, input } of some) {
      await orderingProver(database, jobs)
        .prove(statement, input)
        .catch((error: unknown) => {
          if (!(error instanceof ProofAwaited)) throw error;
        });
    }
    for (const { statement } of some) {
      while ((await store.proof(statement.circuit, statement.commitment)) === undefined) await pause(50);
    }
  };
  try {
    const warm = new Set<number>();
    for (let worker = 0; worker < workers; worker++) {
      const child = spawn(process.execPath, ["relayer/src/cli/main.ts", "relay", "--config", configFile], {
        env: { ...process.env, EQUIPOISE_BENCH_KEY: keccak256(toHex(randomUUID())) },
        stdio: ["ignore", "pipe", "inherit"],
      });
      children.push(child);
      createInterface({ input: child.stdout }).on("line", (text) => {
        if (!text.startsWith("{")) return; // how it ended
        const line = JSON.parse(text) as { msg?: string; ms?: number };
        if (line.msg !== "proof" || line.ms === undefined) return;
        if (warm.has(worker)) times.push(line.ms);
        warm.add(worker);
      });
    }
    // all of them have made one: who is first may make two
    for (let first = 0; warm.size < workers; first++) {
      const extra = first < workers ? orders[first] : statementsOf(seed + 1_000 * (first + 1), 1)[0];
      await ordered([extra as (typeof orders)[number]]);
    }
    const started = performance.now();
    await ordered(orders.slice(workers));
    const seconds = (performance.now() - started) / 1_000;
    const sorted = times.toSorted((one, other) => one - other);
    return {
      workers,
      allocations,
      seconds,
      allocationsPerMinute: (60 * allocations) / seconds,
      proofMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    };
  } finally {
    const gone = children.map((child) => new Promise((resolve) => void child.once("exit", resolve)));
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(gone);
    await jobs.stop();
    await database.close();
  }
}

export function workersTable(runs: readonly WorkersRun[]): string {
  const rows = runs.map(({ workers, allocations, seconds, allocationsPerMinute, proofMs }) => [
    `${workers}`,
    `${allocations}`,
    seconds.toFixed(1),
    allocationsPerMinute.toFixed(1),
    proofMs.toFixed(0),
  ]);
  return formatTable(["prover workers", "allocations", "s", "allocations/min", "one proof, ms (median)"], rows);
}
