/** How many proofs a minute one and two prover workers make, each a process of its own. What a relayer does with them: `scale.ts`. */

import { type ChildProcess, spawn } from "node:child_process";
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
  packObservations,
  parityInput,
  parityStatement,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { keptProofs } from "../../relayer/src/daemon/databaseStore.ts";
import { orderingProver } from "../../relayer/src/daemon/proofJobs.ts";
import { QUEUES } from "../../relayer/src/daemon/relayer.ts";
import { openDatabase } from "../../relayer/src/database/database.ts";
import { startJobs } from "../../relayer/src/database/jobs.ts";
import type { ThrowawayServer } from "../../relayer/src/database/throwawayServer.ts";
import { ProofAwaited } from "../../relayer/src/pipeline/proverPort.ts";
import { SIMULATED_ASSETS, simulatePrices } from "../../relayer/src/prices/simulator.ts";

export type WorkersRun = {
  readonly workers: number;
  /** parity proofs of different mandates, after each worker's first */
  readonly proofs: number;
  readonly seconds: number;
  readonly proofsPerMinute: number;
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
 * Orders the parity proofs of one window's mandates in a real Postgres and lets workers join it by its URL alone, in processes that
 * are told nothing else. Each worker first makes one that is not counted: it starts threads and compiles.
 */
export async function benchWorkers(server: ThrowawayServer, seed: number, proofs: number): Promise<WorkersRun[]> {
  const folder = mkdtempSync(join(tmpdir(), "equipoise-workers-"));
  const configFile = join(folder, "worker.json");
  const runs: WorkersRun[] = [];
  try {
    writeFileSync(configFile, JSON.stringify({ database: { url: server.url }, roles: ["prover"], port: 0 }));
    for (const workers of [1, 2]) runs.push(await runWorkers(server, configFile, seed + workers, workers, proofs));
    return runs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runWorkers(
  server: ThrowawayServer,
  configFile: string,
  seed: number,
  workers: number,
  proofs: number,
): Promise<WorkersRun> {
  const database = await openDatabase({ url: server.url });
  const store = keptProofs(database);
  const jobs = await startJobs(database, QUEUES, () => undefined);
  const orders = statementsOf(seed, proofs + workers);
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
      proofs,
      seconds,
      proofsPerMinute: (60 * proofs) / seconds,
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
  const rows = runs.map(({ workers, proofs, seconds, proofsPerMinute, proofMs }) => [
    `${workers}`,
    `${proofs}`,
    seconds.toFixed(1),
    proofsPerMinute.toFixed(1),
    proofMs.toFixed(0),
  ]);
  return formatTable(["prover workers", "proofs", "s", "proofs/min", "one proof, ms (median)"], rows);
}
