import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database, Queries } from "./database.ts";

/** A step of the schema, in a file of its own. Never edited once released: the next change is the next file. */
export type Migration = { readonly number: number; readonly name: string; readonly text: string };

/** A database was made by other steps than these. */
export class MigrationDiffers extends Error {
  override name = "MigrationDiffers";
  constructor(number: number, reason: string) {
    super(`migration ${number} ${reason}: use the version of the relayer that made this database, or another database`);
  }
}

/** A database was made by an earlier version. Who only reads or changes what is in it leaves its schema as it is. */
export class SchemaOlder extends Error {
  override name = "SchemaOlder";
  constructor(missing: readonly Migration[]) {
    super(
      `the database's schema is older than this version (${missing.map(({ number, name }) => `${number}_${name}`).join(", ")} missing): ` +
        "start this version's relayer, which brings it up to date, or ask with the version that runs",
    );
  }
}

/** any number, the same for all relayers: those that migrate at once go one after the other */
const LOCK = 7_201_954;

/** The steps of this version. */
export function readMigrations(folder = join(import.meta.dirname, "migrations")): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      text: readFileSync(join(folder, file), "utf8"),
    }));
}

/** Takes the steps a database has not taken, all of them or none. Running it again changes nothing. */
export async function migrate(database: Database, migrations: readonly Migration[] = readMigrations()): Promise<void> {
  await database.transaction(async (within) => {
    await within.query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await within.executeSql(`
      CREATE SCHEMA IF NOT EXISTS equipoise;
      CREATE TABLE IF NOT EXISTS equipoise.migrations (
        number integer PRIMARY KEY,
        name text NOT NULL,
        digest text NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT now()
      )`);
    for (const { number, name, text } of await missingIn(within, migrations)) {
      await within.executeSql(text);
      const step = "INSERT INTO equipoise.migrations (number, name, digest) VALUES ($1, $2, $3)";
      await within.query(step, [number, name, digestOf(text)]);
    }
  });
}

/**
 * Whether a relayer has made a database: its schema is this version's then. It changes nothing.
 * Errors: {@link SchemaOlder}, {@link MigrationDiffers}.
 */
export async function isMigrated(
  database: Queries,
  migrations: readonly Migration[] = readMigrations(),
): Promise<boolean> {
  const find = "SELECT to_regclass('equipoise.migrations')::text AS found";
  const [row] = await database.query<{ found: string | null }>(find);
  if (row?.found == null) return false;
  const missing = await missingIn(database, migrations);
  if (missing.length > 0) throw new SchemaOlder(missing);
  return true;
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Steps a database has not taken. Those it has are this version's, or it is refused. */
async function missingIn({ query }: Queries, migrations: readonly Migration[]): Promise<Migration[]> {
  const taken = await query<{ number: number; digest: string }>("SELECT number, digest FROM equipoise.migrations");
  const known = new Map(taken.map(({ number, digest }) => [number, digest]));
  for (const { number } of taken) {
    if (!migrations.some((migration) => migration.number === number)) {
      throw new MigrationDiffers(number, "is in the database and not in this version");
    }
  }
  return migrations.filter(({ number, text }) => {
    const before = known.get(number);
    if (before !== undefined && before !== digestOf(text))
      throw new MigrationDiffers(number, "has another text than the one taken");
    return before === undefined;
  });
}
