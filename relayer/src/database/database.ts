import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Hex, hexToBytes } from "viem";
import { firstCause } from "../firstCause.ts";
import { openEmbedded } from "./embedded.ts";
import { isMigrated, migrate } from "./migrate.ts";
import { DatabaseAway, openServer } from "./server.ts";

const AGAIN_MS = 1_000;

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
  /** Runs `work` while no other process runs work of that number on this database. */
  readonly exclusively: <result>(number: number, work: () => Promise<result>) => Promise<result>;
  readonly close: () => Promise<void>;
};

/** A server by its URL, or a directory of this machine, or the memory of this process when neither is given. */
export type DatabasePlace = { readonly url?: string | undefined; readonly directory?: string | undefined };

/** A database server cannot be had by its URL. The password in it is not said. */
export class DatabaseUnreachable extends Error {
  override name = "DatabaseUnreachable";
  constructor(url: string, cause: unknown) {
    const { host, pathname } = new URL(url);
    super(
      `database.url, ${host}${pathname}, cannot be used (${firstCause(cause)}): start that server, or correct the URL`,
      { cause },
    );
  }
}

/** What is done first with a database: who cannot be reached is named then. */
async function reached<result>({ url }: DatabasePlace, work: () => Promise<result>): Promise<result> {
  try {
    return await work();
  } catch (error) {
    throw url !== undefined && error instanceof DatabaseAway ? new DatabaseUnreachable(url, error) : error;
  }
}

const openUnseen = async ({ url, directory }: DatabasePlace): Promise<Database> =>
  url === undefined ? openEmbedded(directory) : openServer(url);

/** Opens a database and brings its schema up to date. Errors: {@link DatabaseUnreachable}, `DatabaseHeld`. */
export async function openDatabase(place: DatabasePlace = {}): Promise<Database> {
  const database = await openUnseen(place);
  try {
    await reached(place, () => migrate(database));
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Opens a database that is made, its schema as it is. Where no relayer has made one, an empty one in memory: to ask makes nothing.
 * Errors: those of {@link openDatabase}, and `SchemaOlder`.
 */
export async function openAsMade(place: DatabasePlace): Promise<Database> {
  const { url, directory } = place;
  if (url === undefined && (directory === undefined || !existsSync(join(directory, "PG_VERSION"))))
    return openDatabase();
  const database = await openUnseen(place);
  let isMade = false;
  try {
    isMade = await reached(place, () => isMigrated(database));
  } finally {
    if (!isMade) await database.close();
  }
  return isMade ? database : openDatabase();
}

/** Does what may be done twice, again and again while the database is away and it is still wanted. */
export async function onceThere<result>(isWanted: () => boolean, work: () => Promise<result>): Promise<result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseAway && isWanted())) throw error;
      await pause(AGAIN_MS);
    }
  }
}

/** Hex as a `bytea` value. */
export const bytes = (hex: Hex): Uint8Array => hexToBytes(hex);
