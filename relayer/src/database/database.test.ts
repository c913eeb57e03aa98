import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runStep } from "../stepFailed.ts";
import { bytes, type Database, type DatabasePlace, openAsMade, openDatabase } from "./database.ts";
import { DatabaseHeld } from "./directoryLock.ts";
import { openEmbedded } from "./embedded.ts";
import { QueuePolicyDiffers, readDeadLetters, startJobs } from "./jobs.ts";
import { isMigrated, MigrationDiffers, migrate, readMigrations, SchemaOlder } from "./migrate.ts";
import { DatabaseAway } from "./server.ts";
import { startThrowawayServer, type ThrowawayServer } from "./throwawayServer.ts";
import { StatementOutsideTransaction } from "./transactionScope.ts";

let folder: string;
let server: ThrowawayServer | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-database-"));
  server = await startThrowawayServer();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const QUEUES = { count: { limit: 60, retries: 1 } };
const open: Database[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

/** A process that writes rows with a job each until it is killed; it says what it has committed. */
const WRITER = `
  const { openDatabase } = await import(${JSON.stringify(join(import.meta.dirname, "database.ts"))});
  const { startJobs } = await import(${JSON.stringify(join(import.meta.dirname, "jobs.ts"))});
  const [place, first, holdAt] = [JSON.parse(process.argv[2]), Number(process.argv[3]), Number(process.argv[4])];
  const database = await openDatabase(place);
  const jobs = await startJobs(database, ${JSON.stringify(QUEUES)}, () => undefined);
  await database.query("CREATE TABLE IF NOT EXISTS counted (number integer PRIMARY KEY)");
  for (let number = first; ; number++) {
    await database.transaction(async (within) => {
      await within.query("INSERT INTO counted VALUES ($1)", [number]);
      await jobs.enqueue(within, "count", String(number), { number });
      if (number === holdAt) { console.log("inside"); await new Promise((resolve) => setTimeout(resolve, 60_000)); }
    });
    console.log(number);
  }`;

/** Runs the writer and kills it (−9) once its output satisfies `until`; returns what it had said. */
async function killed(place: DatabasePlace, first: number, holdAt: number, until: (said: string[]) => boolean) {
  const program = join(folder, `writer-${Math.random()}.mjs`);
  writeFileSync(program, WRITER);
  const child = spawn(process.execPath, [program, JSON.stringify(place), `${first}`, `${holdAt}`]);
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk;
  });
  const said: string[] = [];
  const ended = new Promise<string | null>((resolve) => void child.once("exit", (_, signal) => resolve(signal)));
  child.stdout.on("data", (chunk: Buffer) => {
    said.push(...chunk.toString().trim().split("\n"));
    if (until(said)) child.kill("SIGKILL");
  });
  expect(await ended, complaint).toBe("SIGKILL");
  return said;
}

describe.each(["embedded", "server"] as const)("openDatabase, %s", (kind) => {
  let place: DatabasePlace;
  let skipped = false;
  beforeEach((context) => {
    skipped = kind === "server" && server === undefined;
    context.skip(skipped, "no Postgres server: give DATABASE_URL or install postgres");
    place = kind === "server" ? { url: server?.url } : { directory: join(folder, "data") };
  });
  const opened = async (): Promise<Database> => {
    const database = await openDatabase(place);
    open.push(database);
    return database;
  };

  it("default: bigints, bytes and times come back as they went in", async () => {
    const { query } = await opened();
    const values = [2n ** 250n - 1n, 2n ** 62n + 1n, bytes("0x00ff10"), new Date(1_700_000_000_123)];
    const [row] = await query("SELECT $1::numeric AS a, $2::bigint AS b, $3::bytea AS c, $4::timestamptz AS d", values);
    expect(row).toEqual({ a: 2n ** 250n - 1n, b: 2n ** 62n + 1n, c: "0x00ff10", d: values[3] });
    expect(await query("SELECT ''::bytea AS empty, NULL::bigint AS none")).toEqual([{ empty: "0x", none: null }]);
    await expect(query("SELECT 1.5::numeric")).rejects.toMatchObject({ name: "NumberNotWhole" });
  });

  it("behavior: a transaction that fails leaves nothing, and the next one is not disturbed", async () => {
    const database = await opened();
    const insert = "INSERT INTO equipoise.cursors (eid, record, block) VALUES ($1, 'a', $2)";
    const failed = database.transaction(async ({ query }) => {
      await query(insert, [1, 5n]);
      throw new Error("cut off");
    });
    await expect(failed).rejects.toThrow("cut off");
    const broken = database.transaction(async ({ query }) => {
      await query(insert, [2, 5n]);
      await query("SELECT nonsense");
    });
    const next = database.transaction(({ query }) => query(insert, [3, 7n]));
    await expect(broken).rejects.toThrow("nonsense");
    await next;
    expect(await database.query("DELETE FROM equipoise.cursors RETURNING eid, block")).toEqual([
      { eid: 3n, block: 7n },
    ]);
  });

  it("behavior: who only reads makes no database, and reads the one that is made", async () => {
    const nowhere = server === undefined ? undefined : new URL("/postgres", server.url).href;
    const unmade = kind === "server" ? { url: nowhere } : { directory: join(folder, "unmade") };
    const empty = await openAsMade(unmade);
    open.push(empty);
    expect(await readDeadLetters(empty, ["count"])).toEqual([]);
    expect(await empty.query("SELECT * FROM equipoise.cursors")).toEqual([]);
    expect(existsSync(join(folder, "unmade"))).toBe(false);
    await (await opened()).query("INSERT INTO equipoise.cursors (eid, record, block) VALUES (77, 'a', 5)");
    await open.pop()?.close();
    const made = await openAsMade(place);
    open.push(made);
    expect(await made.query("DELETE FROM equipoise.cursors WHERE eid = 77 RETURNING block")).toEqual([{ block: 5n }]);
  });

  it("behavior: migrating again changes nothing; two at once both end well", async () => {
    const database = await opened();
    const before = await database.query("SELECT * FROM equipoise.migrations");
    await Promise.all([migrate(database), migrate(database)]);
    expect(await database.query("SELECT * FROM equipoise.migrations")).toEqual(before);
  });

  it("error: MigrationDiffers, and a step that fails takes none with it", async () => {
    const database = await opened();
    const [first, ...others] = readMigrations();
    const edited = [{ ...first!, text: `${first?.text} ` }, ...others];
    await expect(migrate(database, edited)).rejects.toThrow(MigrationDiffers);
    await expect(migrate(database, others)).rejects.toThrow(MigrationDiffers);
    const failing = [
      ...readMigrations(),
      { number: 9998, name: "good", text: "CREATE TABLE equipoise.good ()" },
      { number: 9999, name: "bad", text: "CREATE TABLE nonsense (" },
    ];
    await expect(migrate(database, failing)).rejects.toThrow("syntax");
    expect(await database.query("SELECT to_regclass('equipoise.good') AS found")).toEqual([{ found: null }]);
  });

  it("error: SchemaOlder for who only reads what an earlier version made, which is left as it is until a relayer starts", async () => {
    const database = await opened();
    const newest = readMigrations().at(-1)!.number;
    const taken = () => database.query("SELECT count(*) AS steps FROM equipoise.migrations");
    await database.query("UPDATE equipoise.migrations SET number = number + 100 WHERE number = $1", [newest]);
    await expect(isMigrated(database)).rejects.toThrow(MigrationDiffers);
    await database.query("UPDATE equipoise.migrations SET number = number - 100 WHERE number > 100");
    const later = [...readMigrations(), { number: 9999, name: "later", text: "CREATE TABLE equipoise.later ()" }];
    const before = await taken();
    await expect(isMigrated(database, later)).rejects.toThrow(SchemaOlder);
    await expect(isMigrated(database, later)).rejects.toThrow("9999_later missing");
    expect(await taken()).toEqual(before);
    expect(await isMigrated(database)).toBe(true);
  });

  it("behavior: kill −9 between and inside transactions loses nothing and doubles nothing", async () => {
    const between = await killed(place, 1, -1, (said) => said.length >= 7);
    const last = Number(between.at(-1));
    const inside = await killed(place, 1_000, 1_002, (said) => said.includes("inside"));
    expect(inside).toEqual(["1000", "1001", "inside"]);

    const database = await opened();
    const jobs = await startJobs(database, QUEUES, () => undefined);
    const rows = await database.query<{ number: number }>("SELECT number FROM counted ORDER BY number");
    const numbers = rows.map(({ number }) => number);
    // what was said to be committed is there; one more may have been committed without a word
    expect(numbers.filter((number) => number <= last)).toEqual(Array.from({ length: last }, (_, place) => place + 1));
    expect(numbers.filter((number) => number > last && number < 1_000).length).toBeLessThan(2);
    expect(numbers.filter((number) => number >= 1_000)).toEqual([1_000, 1_001]);
    const done: number[] = [];
    await jobs.work<{ number: number }>("count", 1, async ({ data }) => void done.push(data.number));
    const waiting = "SELECT count(*)::int AS jobs FROM pgboss.job WHERE name = 'count' AND state <> 'completed'";
    await expect.poll(() => database.query(waiting), { timeout: 30_000 }).toEqual([{ jobs: 0 }]);
    expect(done.toSorted((one, other) => one - other)).toEqual(numbers);
    await jobs.stop();
    await database.query("DROP TABLE counted");
  }, 240_000);

  it("error: StatementOutsideTransaction", async () => {
    const database = await opened();
    const outside = [
      () => database.query("SELECT 1"),
      () => database.transaction((within) => within.query("SELECT 1")),
    ];
    for (const ask of outside) {
      const wrong = database.transaction(ask);
      await expect(wrong).rejects.toThrow(StatementOutsideTransaction);
    }
    expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("behavior: more transactions at once than there are connections, each with a job of a queue not used before", async () => {
    const database = await opened();
    const jobs = await startJobs(database, { many: { limit: 60, retries: 1 } }, () => undefined);
    const keys = Array.from({ length: 40 }, (_, place) => `${place}`);
    await Promise.all(keys.map((key) => database.transaction((within) => jobs.enqueue(within, "many", key, { key }))));
    const [{ count } = {}] = await database.query("SELECT count(*) FROM pgboss.job WHERE name = 'many'");
    expect(count).toBe(40n);
    await jobs.stop();
  });

  it("behavior: one waiting job per key; a job that fails is tried again, then a dead letter until redriven", async () => {
    const database = await opened();
    const jobs = await startJobs(database, QUEUES, () => undefined);
    const enqueue = (key: string) => database.transaction((within) => jobs.enqueue(within, "count", key, { key }));
    await enqueue("twice");
    await enqueue("twice");
    let broken = true;
    const tries: string[] = [];
    await jobs.work<{ key: string }>("count", 1, async ({ data }) => {
      tries.push(data.key);
      if (broken) throw new Error("not yet");
    });
    const dead = [{ queue: "count", key: "twice", reason: "not yet" }];
    await expect.poll(() => jobs.deadLetters(), { timeout: 20_000 }).toEqual(dead);
    expect(tries).toEqual(["twice", "twice"]);
    broken = false;
    expect(await jobs.redrive()).toBe(1);
    await expect.poll(() => tries.length, { timeout: 20_000 }).toBe(3);
    expect(await jobs.deadLetters()).toEqual([]);
    await jobs.stop();
  }, 120_000);
});

describe("openDatabase, server only", () => {
  it("behavior: processes that start together on a new database all start", async ({ skip }) => {
    const own = await startThrowawayServer();
    if (own === undefined) return skip("no Postgres server: give DATABASE_URL or install postgres");
    const starts = [1, 2, 3, 4].map(async () => {
      const database = await openDatabase({ url: own.url });
      const jobs = await startJobs(database, QUEUES, () => undefined);
      await jobs.stop();
      await database.close();
    });
    const outcomes = await Promise.allSettled(starts);
    await own.stop();
    expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  }, 60_000);

  it("error: DatabaseAway, which passes, while the server is gone, also within a transaction; then all goes on", async ({
    skip,
  }) => {
    if (server?.crash === undefined) return skip("no Postgres server of this test's own");
    const database = await openDatabase({ url: server.url });
    open.push(database);
    await database.query("CREATE TABLE kept (number integer PRIMARY KEY)");
    let entered = (): void => undefined;
    const isInside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    let leave = (): void => undefined;
    const mayLeave = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const cut = database.transaction(async (within) => {
      await within.query("INSERT INTO kept VALUES (1)");
      entered();
      await mayLeave; // nothing is being asked when the server ends
      await within.query("INSERT INTO kept VALUES (2)");
    });
    const refused = expect(cut).rejects.toThrow(DatabaseAway);
    await isInside;
    await server.crash(async () => {
      const away = database.query("SELECT 1");
      await expect(away).rejects.toThrow(DatabaseAway);
      await expect(runStep("look", () => away)).rejects.toMatchObject({ retry: true });
      await expect(database.transaction(({ query }) => query("SELECT 1"))).rejects.toThrow(DatabaseAway);
      leave();
      await refused;
    });
    expect(await database.query("SELECT * FROM kept")).toEqual([]);
    await database.transaction(({ query }) => query("INSERT INTO kept VALUES (3)"));
    await expect(database.query("INSERT INTO kept VALUES (3)")).rejects.toMatchObject({ code: "23505" });
  }, 60_000);
});

describe("startJobs", () => {
  it("behavior: a queue that is there takes the settings of now; what cannot be changed is refused", async () => {
    const database = await openDatabase();
    open.push(database);
    const settings = async (queues: Parameters<typeof startJobs>[1]) => {
      await (await startJobs(database, queues, () => undefined)).stop();
      return database.query(
        "SELECT retry_limit, expire_seconds, heartbeat_seconds FROM pgboss.queue WHERE name = 'count'",
      );
    };
    expect(await settings({ count: { limit: 60, retries: 1 } })).toEqual([
      { retry_limit: 1, expire_seconds: 60, heartbeat_seconds: 20 },
    ]);
    const changed = { count: { limit: 90, retries: 8, heartbeat: 120 } };
    expect(await settings(changed)).toEqual([{ retry_limit: 8, expire_seconds: 90, heartbeat_seconds: 120 }]);
    await expect(settings({ count: { ...changed.count, alone: true } })).rejects.toThrow(QueuePolicyDiffers);
  }, 120_000);
});

describe("the released schema", () => {
  it("behavior: how far blocks were looked at before deployments had an identity is forgotten, packets and nonces are kept", async () => {
    const database = await openEmbedded();
    open.push(database);
    const [released] = readMigrations();
    await migrate(database, [released!]);
    await database.query("INSERT INTO equipoise.deployment (digest) VALUES ('a')");
    await database.query("INSERT INTO equipoise.cursors VALUES (77, 5)");
    await database.query("INSERT INTO equipoise.signers (chain_id, address, next_nonce) VALUES (1, '', 5)");
    await migrate(database);
    expect(await database.query("SELECT * FROM equipoise.cursors")).toEqual([]);
    expect(await database.query("SELECT * FROM equipoise.deployment")).toEqual([]);
    expect(await database.query("SELECT next_nonce FROM equipoise.signers")).toEqual([{ next_nonce: 5n }]);
  });
});

describe("openDatabase, embedded only", () => {
  it("error: DatabaseHeld names the process that has the directory; a closed one is free", async () => {
    const directory = join(folder, "data");
    const first = await openDatabase({ directory });
    await expect(openDatabase({ directory })).rejects.toThrow(DatabaseHeld);
    await expect(openDatabase({ directory })).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
    await first.close();
    expect(existsSync(`${directory}.lock`)).toBe(false);
    await (await openDatabase({ directory })).close();
  });

  it("behavior: the lock of a dead process, or of another with the same id, is taken over; one of another machine is not", async () => {
    const directory = join(folder, "data");
    const lock = `${directory}.lock`;
    writeFileSync(lock, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), began: "1" }));
    await (await openDatabase({ directory })).close();
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), began: "1" }));
    await (await openDatabase({ directory })).close();
    writeFileSync(lock, JSON.stringify({ pid: 2 ** 22 + 1, host: "elsewhere", began: "1" }));
    await expect(openDatabase({ directory })).rejects.toThrow("on elsewhere");
    await expect(openDatabase({ directory })).rejects.toThrow(`its machine or container is gone), remove ${lock}`);
    writeFileSync(lock, "{");
    await expect(openDatabase({ directory })).rejects.toThrow(DatabaseHeld);
    rmSync(lock);
  });
});
