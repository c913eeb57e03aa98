/**
 * One epoch of many mandates on many chains, simulated where nothing else is possible on one machine: the chains are latencies and
 * blocks (`FIGURES`); the database, its transactions, the job queues, the nonces and the signatures are the relayer's own.
 */
import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { keccak256, toHex } from "viem";
import { type LocalAccount, privateKeyToAccount } from "viem/accounts";
import { formatTable } from "../../relayer/src/cli/table.ts";
import { type Database, openDatabase } from "../../relayer/src/database/database.ts";
import { startJobs } from "../../relayer/src/database/jobs.ts";
import { type Submitter, startSubmitter } from "../../relayer/src/transactions/submitter.ts";
import { type ChainFigures, simulateChain } from "./simulatedChain.ts";

/** A rollup behind a public endpoint: a twentieth of a second away, a block every two seconds. */
export const FIGURES: ChainFigures = { latencyMs: 50, blockMs: 2_000, perBlock: 30, finality: 2 };
/** {bytes} of an allocation's calldata: five words, sixteen of statement and proof */
const CALLDATA = 676;
/** {ms} between two questions for a receipt, as the daemon's clients ask */
const RECEIPT_MS = 500;
/** {ms} an epoch may take before the simulation is given up */
const LIMIT_MS = 900_000;

export type ScaleRun = {
  readonly mandates: number;
  readonly chains: number;
  /** steps that one process has under way at once */
  readonly atOnce: number;
  /** {s} from the first job to the last allocation that counts */
  readonly seconds: number;
  /** {1/min} */
  readonly allocationsPerMinute: number;
  /** statements of the database */
  readonly statements: number;
  /** {ms} a statement takes, waiting for a connection included */
  readonly statementMs: number;
  /** questions to all chains */
  readonly questions: number;
  /** part of the time this process' one thread was busy */
  readonly busy: number;
};

/** Counts what is asked of a database. */
function counted(database: Database) {
  const counts = { statements: 0, ms: 0 };
  const timed = async <T>(work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    try {
      return await work();
    } finally {
      counts.statements += 1;
      counts.ms += performance.now() - started;
    }
  };
  const queriesOf = (of: Pick<Database, "query" | "executeSql">): Pick<Database, "query" | "executeSql"> => ({
    query: (statement, values) => timed(() => of.query(statement, values)),
    executeSql: (text, values) => timed(() => of.executeSql(text, values)),
  });
  const own: Database = {
    ...database,
    ...queriesOf(database),
    transaction: (work) => database.transaction((within) => work(queriesOf(within))),
  };
  return { counts, database: own };
}

/** Every mandate's allocation on every chain, from jobs that wait to transactions that count. */
export async function runScale(url: string, mandates: number, chains: number, atOnce: number): Promise<ScaleRun> {
  const plain = await openDatabase({ url });
  const { counts, database } = counted(plain);
  const account: LocalAccount = privateKeyToAccount(keccak256(toHex(randomUUID())));
  const queue = `scale${Date.now()}`;
  const simulated = Array.from({ length: chains }, () => simulateChain(FIGURES));
  const submitters: Submitter[] = simulated.map(({ node }, place) =>
    startSubmitter({ database, chainId: 900_000 + place, account, node }),
  );
  const jobs = await startJobs(database, { [queue]: { limit: 600, retries: 3 } }, () => undefined);
  try {
    await database.transaction(async (within) => {
      for (let mandate = 0; mandate < mandates; mandate++)
        for (let chain = 0; chain < chains; chain++)
          await jobs.enqueue(within, queue, `${mandate}:${chain}`, { mandate, chain });
    });
    counts.statements = 0;
    counts.ms = 0;
    const load = performance.eventLoopUtilization();
    const started = performance.now();
    let done = 0;
    await jobs.work<{ mandate: number; chain: number }>(queue, atOnce, async ({ data: { mandate, chain } }) => {
      const { ask } = simulated[chain] as (typeof simulated)[number];
      const submitter = submitters[chain] as Submitter;
      await ask(); // index, allocation and mandate, at once
      await ask(); // the gas
      const data = toHex(mandate + 1, { size: CALLDATA });
      const hash = await submitter.submit({ to: account.address, data, value: 0n, gas: 300_000n });
      while ((await submitter.outcome(hash)) === undefined) await pause(RECEIPT_MS);
      done += 1;
    });
    while (done < mandates * chains) {
      if (performance.now() - started > LIMIT_MS) throw new Error(`${done} of ${mandates * chains} in ${LIMIT_MS} ms`);
      await pause(100);
    }
    const seconds = (performance.now() - started) / 1_000;
    return {
      mandates,
      chains,
      atOnce,
      seconds,
      allocationsPerMinute: (60 * done) / seconds,
      statements: counts.statements,
      statementMs: counts.ms / counts.statements,
      questions: simulated.reduce((sum, { questions }) => sum + questions(), 0),
      busy: performance.eventLoopUtilization(load).utilization,
    };
  } finally {
    await jobs.stop();
    await Promise.all(submitters.map((submitter) => submitter.close()));
    for (const { stop } of simulated) stop();
    await plain.close();
  }
}

export function scaleTable(runs: readonly ScaleRun[]): string {
  const header = ["an epoch", "at once", "s", "allocations/min", "statements", "each, ms", "questions", "thread busy"];
  return formatTable(
    header,
    runs.map((run) => [
      `${run.mandates} mandates × ${run.chains} chains`,
      `${run.atOnce}`,
      run.seconds.toFixed(1),
      run.allocationsPerMinute.toFixed(0),
      `${run.statements}`,
      run.statementMs.toFixed(1),
      `${run.questions}`,
      `${(100 * run.busy).toFixed(0)} %`,
    ]),
  );
}
