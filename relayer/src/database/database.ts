import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Hex, hexToBytes } from "viem";
import { openEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import { openServer } from "./server.ts";

/** What a statement takes for `$1`, `$2` …: bigints exactly, bytes from {@link bytes}. */
export type Value = string | number | bigint | boolean | Date | Uint8Array | null | readonly string[];

/** Statements, alone or within one transaction. */
export type Queries = {
  /**
   * The rows of one statement. `bigint` and whole `numeric` columns come as bigint, `bytea` as hex, `timestamptz` as
   * Date.
   */
  readonly query: <row = Record<string, unknown>>(statement: string, values?: readonly Value[]) => Promise<row[]>;
  /** one or more statements, types as the driver reads them: what pg-boss wants */
  readonly executeSql: (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;
};

/** A Postgres, embedded or a server: the same SQL, the same behaviour. */
export type Database = Queries & {
  readonly kind: "embedded" | "server";
  /** Runs `work` in one transaction: all of it is there when the promise resolves, nothing of it when it rejects. */
  readonly transaction: <result>(work: (within: Queries) => Promise<result>) => Promise<result>;
  readonly close: () => Promise<void>;
};

/** A server by its URL, or a directory of this machine, or the memory of this process when neither is given. */
export type DatabasePlace = { readonly url?: string | undefined; readonly directory?: string | undefined };

/** Opens a database and brings its schema up to date. */
export async function openDatabase({ url, directory }: DatabasePlace = {}): Promise<Database> {
  const database = url === undefined ? await openEmbedded(directory) : openServer(url);
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens a database for who only reads it. Where no relayer has made one, an empty one in memory: to ask makes nothing. */
export async function openToRead(place: DatabasePlace): Promise<Database> {
  return openDatabase((await isMade(place)) ? place : {});
}

async function isMade({ url, directory }: DatabasePlace): Promise<boolean> {
  if (url === undefined) return directory !== undefined && existsSync(join(directory, "PG_VERSION"));
  const server = openServer(url);
  try {
    const [row] = await server.query<{ found: string | null }>(
      "SELECT to_regclass('equipoise.migrations')::text AS found",
    );
    return row?.found != null;
  } finally {
    await server.close();
  }
}

/** Hex as a `bytea` value. */
export const bytes = (hex: Hex): Uint8Array => hexToBytes(hex);
