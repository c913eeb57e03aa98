import { PgBoss } from "pg-boss";
import type { Database, Queries } from "./database.ts";

/** A kind of work. Each has a queue, and one for its jobs that failed for good. */
export type QueueOptions = {
  /** {s} a job that takes longer is given to another worker */
  readonly limit: number;
  /** times a job is tried again before it goes to the dead letters */
  readonly retries: number;
  /** {s} a job whose worker does not say it lives for so long is given to another; 20 when absent */
  readonly heartbeat?: number;
  /** while a job of a key is done, no other of that key waits: for work too dear to do twice */
  readonly alone?: boolean;
};

export type Job<data> = { readonly id: string; readonly data: data; readonly signal: AbortSignal };

/** What a handler says of a job that can never be done: it goes to the dead letters without another try. */
export class JobHopeless extends Error {
  override name = "JobHopeless";
}

/** How much work a queue holds: jobs whose time has come and that nobody does yet, and jobs that are being done. */
export type QueueDepth = { readonly queue: string; readonly waiting: number; readonly active: number };

/** A queue keeps for ever how it was made: whether jobs of one key may wait beside one that is done. */
export class QueuePolicyDiffers extends Error {
  override name = "QueuePolicyDiffers";
  constructor(queue: string, found: string | undefined, wanted: string) {
    super(
      `the queue ${queue} of this database is "${found}", not "${wanted}": use the version of the relayer that made it, or another database`,
    );
  }
}

export type DeadLetter = { readonly queue: string; readonly key: string; readonly reason: string };

/** Work that is written down before it is done. */
export type Jobs = {
  /**
   * Writes a job down within the transaction of the rows it is about. Of one key at most one job waits.
   * @param after {s} not before
   * @param priority the highest are done first
   */
  readonly enqueue: (
    within: Queries,
    queue: string,
    key: string,
    data: object,
    after?: number,
    priority?: number,
  ) => Promise<void>;
  /** takes back what waits in a queue with a key that begins so, but for some keys */
  readonly withdraw: (queue: string, beginning: string, but: readonly string[]) => Promise<void>;
  /** does the jobs of a queue in this process, so many at once */
  readonly work: <data extends object>(
    queue: string,
    atOnce: number,
    handler: (job: Job<data>) => Promise<void>,
  ) => Promise<void>;
  /** takes no jobs of a queue in this process, once the running one has ended */
  readonly leave: (queue: string) => Promise<void>;
  readonly deadLetters: () => Promise<DeadLetter[]>;
  /** gives dead letters back to their queues */
  readonly redrive: () => Promise<number>;
  /** waits for the handlers that run */
  readonly stop: () => Promise<void>;
};

/** {s} the delay of a first retry; it doubles, with jitter, up to the other */
const RETRY_DELAY = 1;
const RETRY_DELAY_LIMIT = 120;
const HEARTBEAT = 20;
/** {s} between two looks for jobs of each that can be done at once: an embedded database shares its core with the proofs */
const POLL = 2;
const STOP_LIMIT_MS = 30_000;

/** pg-boss looks for its schema before it takes a lock: of processes that start together on a new database one would go on */
const MAKING_QUEUES = 7_302_114;

const deadOf = (queue: string): string => `${queue}-dead`;

/** Starts the job queues of a database. */
export async function startJobs(
  database: Database,
  queues: Readonly<Record<string, QueueOptions>>,
  onError: (error: Error) => void,
): Promise<Jobs> {
  const boss = new PgBoss({
    db: { executeSql: database.executeSql },
    backend: database.kind === "embedded" ? "pglite" : "postgres",
    schedule: false,
    superviseIntervalSeconds: 5,
    maintenanceIntervalSeconds: 60,
    monitorIntervalSeconds: 5,
    monitorVacuum: false,
  });
  boss.on("error", onError);
  const names = Object.keys(queues);
  await database.exclusively(MAKING_QUEUES, async () => {
    await boss.start();
    for (const [name, { limit, retries, heartbeat = HEARTBEAT, alone = false }] of Object.entries(queues)) {
      if ((await boss.getQueue(deadOf(name))) === null) await boss.createQueue(deadOf(name));
      const options = {
        expireInSeconds: limit,
        retryLimit: retries,
        retryDelay: RETRY_DELAY,
        retryBackoff: true,
        retryDelayMax: RETRY_DELAY_LIMIT,
        heartbeatSeconds: heartbeat,
        deadLetter: deadOf(name),
      };
      const policy = alone ? "exclusive" : "short"; // one waiting job per key
      const known = await boss.getQueue(name);
      if (known === null) await boss.createQueue(name, { policy, ...options });
      else {
        if (known.policy !== policy) {
          await boss.stop({ graceful: false, close: false });
          throw new QueuePolicyDiffers(name, known.policy, policy);
        }
        await boss.updateQueue(name, options); // a version of the relayer may have others
        if (database.kind === "embedded") await returnOrphans(boss, database, name);
      }
    }
  });
  return {
    enqueue: async (within, queue, key, data, after = 0, priority = 0) => {
      const db = { executeSql: within.executeSql };
      await boss.send(queue, data, { singletonKey: key, startAfter: after, priority, db });
    },
    withdraw: async (queue, beginning, but) => {
      await database.query(
        `DELETE FROM pgboss.job
         WHERE name = $1 AND state < 'active' AND starts_with(singleton_key, $2) AND NOT singleton_key = ANY($3)`,
        [queue, beginning, but],
      );
    },
    work: async <data extends object>(queue: string, atOnce: number, handler: (job: Job<data>) => Promise<void>) => {
      const options = { pollingIntervalSeconds: POLL, localConcurrency: atOnce, perJobResults: true } as const;
      await boss.work<data, unknown, typeof options>(queue, options, (jobs) =>
        Promise.all(jobs.map((job) => outcomeOf(job.id, handler(job)))),
      );
    },
    leave: (queue) => boss.offWork(queue, { wait: false }),
    deadLetters: () => readDeadLetters(database, names),
    redrive: async () => {
      let moved = 0;
      for (const name of names) moved += await boss.redrive(deadOf(name));
      return moved;
    },
    stop: () => boss.stop({ graceful: true, timeout: STOP_LIMIT_MS, close: false }),
  };
}

/** An embedded database has one process: jobs another one was at are nobody's, and need not wait for their heartbeat. */
async function returnOrphans(boss: PgBoss, database: Database, name: string): Promise<void> {
  const find = "SELECT id::text FROM pgboss.job WHERE name = $1 AND state = 'active'";
  const orphans = await database.query<{ id: string }>(find, [name]);
  if (orphans.length === 0) return;
  await boss.fail(
    name,
    orphans.map(({ id }) => id),
    { message: "its process ended" },
  );
}

type Outcome = {
  readonly id: string;
  readonly status: "completed" | "failed" | "deadletter";
  readonly output?: unknown;
};

async function outcomeOf(id: string, work: Promise<void>): Promise<Outcome> {
  try {
    await work;
    return { id, status: "completed" };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const status = error instanceof JobHopeless ? "deadletter" : "failed";
    return { id, status, output: { name, message } };
  }
}

/** Whether the queues were ever started in a database. */
async function hasQueues(database: Database): Promise<boolean> {
  const [row] = await database.query<{ job: string | null }>("SELECT to_regclass('pgboss.job')::text AS job");
  return row?.job != null;
}

/** Jobs that failed for good, without starting the queues. */
export async function readDeadLetters(database: Database, queues: readonly string[]): Promise<DeadLetter[]> {
  if (!(await hasQueues(database))) return [];
  const rows = await database.query<{ queue: string; key: string | null; reason: string | null }>(
    `SELECT source_name AS queue, singleton_key AS key, source_output ->> 'message' AS reason
     FROM pgboss.job WHERE name = ANY($1) AND state < 'active' ORDER BY created_on`,
    [queues.map(deadOf)],
  );
  return rows.map(({ queue, key, reason }) => ({ queue, key: key ?? "", reason: reason ?? "" }));
}

/** How much work each queue holds, without starting them. */
export async function readQueueDepths(database: Database, queues: readonly string[]): Promise<QueueDepth[]> {
  const rows = (await hasQueues(database))
    ? await database.query<{ name: string; waiting: bigint; active: bigint }>(
        `SELECT name, count(*) FILTER (WHERE state < 'active' AND start_after <= now()) AS waiting,
           count(*) FILTER (WHERE state = 'active') AS active
         FROM pgboss.job WHERE name = ANY($1) GROUP BY name`,
        [queues],
      )
    : [];
  const found = new Map(rows.map((row) => [row.name, row]));
  return queues.map((queue) => {
    const { waiting = 0n, active = 0n } = found.get(queue) ?? {};
    return { queue, waiting: Number(waiting), active: Number(active) };
  });
}
