import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "./database.ts";

/** A step of the schema, in a file of its own. Never edited once released: the next change is the next file. */
export type Migration = { readonly number: number; readonly name: string; readonly text: string };

/** A database was made by other steps than these. */
export class MigrationDiffers extends Error {
  override name = "MigrationDiffers";
  constructor(number: number, reason: string) {
    super(`migration ${number} ${reason}: use the version of the relayer that made this database, or another database`);
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
  await database.transaction(async ({ query, executeSql }) => {
    await query(`SELECT pg_advisory_xact_lock(${LOCK})`);
    await executeSql(`
      CREATE SCHEMA IF NOT EXISTS equipoise;
      CREATE TABLE IF NOT EXISTS equipoise.migrations (
        number integer PRIMARY KEY,
        name text NOT NULL,
        digest text NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT now()
      )`);
    const taken = await query<{ number: number; digest: string }>("SELECT number, digest FROM equipoise.migrations");
    const known = new Map(taken.map(({ number, digest }) => [number, digest]));
    for (const { number } of taken) {
      if (!migrations.some((migration) => migration.number === number)) {
        throw new MigrationDiffers(number, "is in the database and not in this version");
      }
    }
    for (const { number, name, text } of migrations) {
      const digest = createHash("sha256").update(text).digest("hex");
      const before = known.get(number);
      if (before === digest) continue;
      if (before !== undefined) throw new MigrationDiffers(number, "has another text than the one taken");
      await executeSql(text);
      const step = "INSERT INTO equipoise.migrations (number, name, digest) VALUES ($1, $2, $3)";
      await query(step, [number, name, digest]);
    }
  });
}
