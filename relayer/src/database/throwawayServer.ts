import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Client } from "pg";
import { freePort } from "../chains/anvil.ts";

/** A database on a real server, for tests. */
export type ThrowawayServer = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Kills the server, and starts it again on what it had written; nothing where it is not this process's own. */
  readonly crash?: (whileGone: () => Promise<void>) => Promise<void>;
};

/** Postgres does not run as root: there, as nobody. */
const NOBODY = 65_534;

/**
 * A fresh database: on the server of `DATABASE_URL`, or on one started from an installed `postgres`. Nothing where there is neither.
 */
export async function startThrowawayServer(): Promise<ThrowawayServer | undefined> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== "") return freshDatabase(given, async () => undefined);
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "equipoise-postgres-"));
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (identity.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, "data");
  const made = spawnSync(join(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "-N"], {
    ...identity,
    cwd: folder,
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const flags = ["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1", "-k", folder, "-c", "fsync=off"];
  const started = () => {
    const server = spawn(join(programs, "postgres"), flags, { ...identity, cwd: folder, stdio: "ignore" });
    return { server, ended: new Promise<void>((resolve) => void server.once("exit", () => resolve())) };
  };
  let running = started();
  const kill = async (): Promise<void> => {
    running.server.kill("SIGQUIT");
    await running.ended;
  };
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await answering(url);
  const fresh = await freshDatabase(url, async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const crash = async (whileGone: () => Promise<void>): Promise<void> => {
    await kill();
    await whileGone();
    running = started();
    await answering(url);
  };
  return { ...fresh, crash };
}

function findPrograms(): string | undefined {
  const installed = "/usr/lib/postgresql";
  const versions = existsSync(installed)
    ? readdirSync(installed).map((version) => join(installed, version, "bin"))
    : [];
  return [...(process.env.PATH ?? "").split(delimiter), ...versions].find(
    (folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")),
  );
}

async function answering(url: string): Promise<void> {
  for (let waited = 0; ; waited += 100) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (waited > 20_000) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function freshDatabase(url: string, stopServer: () => Promise<void>): Promise<ThrowawayServer> {
  const name = `equipoise_${randomUUID().replaceAll("-", "")}`;
  const ask = async (statement: string): Promise<void> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await ask(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    stop: async () => {
      await ask(`DROP DATABASE ${name} WITH (FORCE)`);
      await stopServer();
    },
  };
}
