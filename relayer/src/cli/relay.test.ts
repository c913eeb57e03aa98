import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simulatedDeployment } from "@equipoise/sdk/testing";
import { pino } from "pino";
import { generatePrivateKey } from "viem/accounts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfigFile } from "../daemon/configFile.ts";
import { cursorsOf } from "../daemon/cursors.ts";
import type { RelayerConfig } from "../daemon/daemonConfig.ts";
import { claimDatabase } from "../daemon/databaseStore.ts";
import { QUEUES, type RunningRelayer, startRelayer } from "../daemon/relayer.ts";
import { stopChain } from "../daemon/stoppedChains.ts";
import { type Database, openDatabase } from "../database/database.ts";
import { openEmbedded } from "../database/embedded.ts";
import { startJobs } from "../database/jobs.ts";
import { migrate, readMigrations } from "../database/migrate.ts";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const deployment = simulatedDeployment();
process.env.EQUIPOISE_STATUS_KEY = generatePrivateKey();
process.env.EQUIPOISE_LOG = "silent";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "equipoise-status-"));
  writeFileSync(join(folder, "deployment.json"), JSON.stringify({ version: 1, transactions: [], deployment }));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A configuration of chains that nobody answers for; nobody listens at its port either. */
function written(more: object = {}): string {
  const path = join(folder, "relayer.json");
  const config = {
    deployment: "deployment.json",
    database: { directory: "below/data" },
    roles: ["observer"],
    chains: deployment.chains.map(({ eid }) => ({ eid, rpcUrls: ["http://127.0.0.1:1"] })),
    keys: { relayer: { variable: "EQUIPOISE_STATUS_KEY" } },
    port: 1,
    ...more,
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function run(...argv: readonly string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const terminal = { out: (line: string) => void out.push(line), error: (line: string) => void errors.push(line) };
  return { code: await runCommandLine(argv, COMMANDS, terminal), out: out.join("\n"), errors: errors.join("\n") };
}

describe("equipoise status and retry", () => {
  it("default: where no relayer has made a database, there is nothing in it, and to ask makes none", async () => {
    const config = written();
    const { code, out, errors } = await run("status", "--once", "--config", config);
    expect(errors).toBe("");
    expect(out).toContain("packets: none; proofs kept: 0; dead letters: 0");
    expect(out).toContain("chain 31337 does not answer: ");
    expect(code).toBe(0);
    expect(await run("retry", "--config", config)).toMatchObject({ code: 0, errors: "" });
    expect(readdirSync(folder).sort()).toEqual(["deployment.json", "relayer.json"]);
    expect(existsSync(join(folder, "below"))).toBe(false);
  }, 240_000);
});

describe("who only looks at a database that is made", () => {
  const opened = () => openDatabase({ directory: join(folder, "below/data") });
  /** Everything in the relayer's tables, and the steps that made them. */
  const contentOf = async (database: Database): Promise<string> => {
    const tables = ["migrations", "deployment", "cursors", "packets", "stopped_chains"];
    const rows = tables.map((table) => database.query(`SELECT * FROM equipoise.${table}`));
    return JSON.stringify(await Promise.all(rows), (_, value) => (typeof value === "bigint" ? `${value}` : value));
  };
  const looks = [
    ["status", "--once"],
    ["relay", "--dry-run"],
  ] as const;

  it("behavior: with a record that has grown since, it changes nothing in it", async () => {
    const config = written();
    const database = await opened();
    const { clearing, ...before } = deployment;
    for (const { eid } of deployment.chains) await cursorsOf(before).keep(database, eid, 1_000n);
    const kept = await contentOf(database);
    await database.close();
    for (const look of looks) await run(...look, "--config", config);
    const after = await opened();
    expect(await contentOf(after)).toBe(kept);
    await after.close();
  }, 240_000);

  it("error: SchemaOlder; a dry run does without, and neither brings the schema up to date", async () => {
    const config = written();
    const older = await openEmbedded(join(folder, "below/data"));
    await migrate(older, readMigrations().slice(0, 1));
    const kept = await contentOf(older);
    await older.close();
    for (const command of ["status", "retry"]) {
      const { code, errors } = await run(command, "--config", config);
      expect(errors).toMatch(/SchemaOlder: .*\(2_identity, 3_ready missing\): start this version's relayer/);
      expect(code).toBe(1);
    }
    const { out } = await run("relay", "--dry-run", "--config", config);
    expect(out).toMatch(/^database +not read: the database's schema is older/m);
    const after = await openEmbedded(join(folder, "below/data"));
    expect(await contentOf(after)).toBe(kept);
    await after.close();
  }, 240_000);

  it("error: DatabaseOfOtherDeployment for whoever asks for another one", async () => {
    const database = await opened();
    await claimDatabase(database, { ...deployment, name: "another" });
    await database.close();
    for (const argv of [["retry"], ...looks]) {
      const { code, errors } = await run(...argv, "--config", written());
      expect(errors).toContain("DatabaseOfOtherDeployment");
      expect(code).toBe(1);
    }
  }, 240_000);
});

describe("equipoise relay", () => {
  let relayer: RunningRelayer | undefined;
  afterEach(async () => {
    await relayer?.stop();
    relayer = undefined;
  });

  it("behavior: a chain that never answers keeps nobody waiting, and it is said that nothing has begun", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => void silent.listen(0, "127.0.0.1", resolve));
    const rpcUrls = [`http://127.0.0.1:${(silent.address() as AddressInfo).port}`];
    const chains = deployment.chains.map(({ eid }) => ({ eid, rpcUrls }));
    const config = readConfigFile(written({ chains, port: 0 })) as RelayerConfig;
    relayer = await startRelayer(config, pino({ level: "silent" }));
    const ask = async (path: string) => {
      const begun = performance.now();
      const response = await fetch(`http://127.0.0.1:${relayer?.port}${path}`);
      const text = await response.text();
      expect(performance.now() - begun).toBeLessThan(10_000); // a scrape's patience
      return { status: response.status, text };
    };
    const ready = await ask("/readyz");
    expect(ready.status).toBe(503);
    expect(ready.text).toContain("chain 31337: no answer in 3000 ms");
    expect(ready.text).toContain("chain 31338: waits for its lease");
    expect(ready.text).toContain("work has not begun");
    const { text } = await ask("/metrics");
    expect(text).toContain('equipoise_chain_answers{chain="31337"} 0');
    expect(text).toContain('equipoise_jobs{queue="proof",state="waiting"} 0');
    expect((await ask("/healthz")).status).toBe(200);
    silent.closeAllConnections();
    silent.close();
  }, 240_000);

  it("behavior: one that cannot begin ends, with the reason", async () => {
    const config = written({ roles: ["reporter"], port: 0 });
    const database = await openDatabase({ directory: join(folder, "below/data") });
    const jobs = await startJobs(database, QUEUES, () => undefined);
    await jobs.stop();
    await database.query("ALTER TABLE pgboss.job ADD CONSTRAINT refused CHECK (name <> 'reporter')");
    await database.close();
    const { code, errors } = await run("relay", "--config", config);
    expect(code).toBe(1);
    expect(errors).toContain("refused");
  }, 240_000);

  it("behavior: a dry run says why a duty cannot be done, and exits with 1; it makes no database", async () => {
    const { code, out } = await run("relay", "--dry-run", "--config", written({ roles: ["prover", "observer"] }));
    expect(out).toMatch(/^prover +nothing is ordered$/m);
    expect(out).toMatch(/^observer:40337 +fails: .*127\.0\.0\.1:1 gave no answer/m);
    expect(code).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(["deployment.json", "relayer.json"]);
  }, 240_000);

  it("behavior: a dry run reads the database: chains that are stopped, transactions that are open, proofs that are ordered", async () => {
    const config = written({ roles: ["prover", "observer"] });
    const database = await openDatabase({ directory: join(folder, "below/data") });
    const jobs = await startJobs(database, QUEUES, () => undefined);
    await stopChain(database, 31_337, "they disagree");
    await database.query(
      `INSERT INTO equipoise.transactions (chain_id, signer, nonce, intent, data, value, gas) VALUES (31337, '', 7, '', '', 0, 1)`,
    );
    await database.transaction((within) => jobs.enqueue(within, "proof", "parity:1", {}));
    await jobs.stop();
    const beside = await run("relay", "--dry-run", "--config", config);
    expect(beside.out).toMatch(/^database +not read: .* is open in process/m);
    await database.close();
    const { code, out } = await run("relay", "--dry-run", "--config", config);
    expect(out).toMatch(/^transactions:40337 +1 open are finished first$/m);
    expect(out).toMatch(/^prover +would make 1 proofs that are ordered$/m);
    expect(out).toMatch(/^observer:40337 +waits: chain 31337 is stopped: they disagree$/m);
    expect(code).toBe(0);
  }, 240_000);

  it("error: what the machine refuses is said by the key of the configuration, and no password with it", async () => {
    const relay = (more: object) => run("relay", "--config", written(more));
    const url = "postgres://somebody:5de4111afa1a@127.0.0.1:1/relayer";
    for (const command of ["relay", "status", "retry"]) {
      const { code, errors } = await run(command, "--config", written({ database: { url } }));
      expect(errors).toMatch(/DatabaseUnreachable: database.url, 127.0.0.1:1.relayer, cannot be used .*ECONNREFUSED/);
      expect(errors).not.toContain("5de4111afa1a");
      expect(code).toBe(1);
    }
    const other = createServer(() => undefined);
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    expect((await relay({ port })).errors).toContain(
      `127.0.0.1 and ${port}, and another program listens there: end it`,
    );
    other.close();
    process.env.EQUIPOISE_LOG = "verbose";
    expect(await relay({})).toMatchObject({ code: 2 });
    expect((await relay({})).errors).toContain('EQUIPOISE_LOG is "verbose": give one of silent, trace');
    process.env.EQUIPOISE_LOG = "silent";
  }, 240_000);
});

describe("what is asked in a wrong way", () => {
  let others: Server[] = [];
  afterEach(() => {
    for (const other of others) other.close();
    others = [];
  });
  const listening = async (answer: RequestListener): Promise<number> => {
    const other = createServer(answer);
    others.push(other);
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    return (other.address() as AddressInfo).port;
  };

  it("error: UsageWrong for words that mean nothing", async () => {
    const config = written();
    for (const command of ["relay", "status", "retry", "doctor", "deploy", "weights"]) {
      const { code, errors } = await run(command, "foo", "--config", config);
      expect(errors).toContain(
        ["doctor", "weights"].includes(command) ? "Unknown option" : `${command} takes no argument, found "foo"`,
      );
      expect(code).toBe(2);
    }
    expect((await run("verify", "one", "two")).errors).toContain('verify takes one argument, found "two"');
  });

  it("error: RelayerRefuses where another program listens, or a relayer cannot answer", async () => {
    const page = await listening(
      (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
    );
    const ill = await listening((_, response) => void response.writeHead(503).end("database is gone\nand more"));
    for (const command of ["status", "retry"]) {
      const other = await run(command, "--config", written({ port: page }));
      expect(other).toMatchObject({ code: 1, errors: expect.stringContaining(`127.0.0.1:${page} answers 200, <p>`) });
      const { errors } = await run(command, "--config", written({ port: ill }));
      expect(errors).toMatch(/RelayerRefuses: .* answers 503, database is gone: where that is no relayer/);
    }
  });

  it("error: of records: which file, and whether it is there", async () => {
    const file = join(folder, "record.json");
    expect((await run("doctor", "--deployment", file)).errors).toMatch(
      /RecordMissing: .*record.json is not there: give/,
    );
    writeFileSync(file, JSON.stringify({ version: 7 }));
    expect((await run("doctor", "--deployment", file)).errors).toMatch(
      /RecordInvalid: .*record.json: record.version is 7/,
    );
  });

  it("error: ChainUnreachable names the chain and the host, not what else is in the URL", async () => {
    const urls = (rest: string) =>
      deployment.chains.map(({ chainId }) => `${chainId}=http://127.0.0.1:${rest}/${chainId}`).join();
    const record = join(folder, "deployment.json");
    const none = await run("doctor", "--deployment", record, "--rpc", urls("1/v2/5de4111afa1a"));
    expect(none.errors).toMatch(/ChainUnreachable: chain 31337 cannot be read at 127.0.0.1:1 .*EQUIPOISE_RPC_31337/);
    const refusing = await listening((_, response) => {
      const error = { code: -32_005, message: "limit exceeded" };
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id: 1, error }));
    });
    const limited = await run("doctor", "--deployment", record, "--rpc", urls(`${refusing}/v2/5de4111afa1a`));
    expect(limited.errors).toMatch(/: chain 31337 at 127.0.0.1:\d+: Request exceeds defined limit.$/);
    for (const { code, errors } of [none, limited]) {
      expect(errors).not.toContain("5de4111afa1a");
      expect(code).toBe(1);
    }
  }, 60_000);
});
