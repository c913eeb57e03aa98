import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { COLUMN_PARSERS } from "./columnTypes.ts";
import type { Database, Queries } from "./database.ts";
import { lockDirectory } from "./directoryLock.ts";
import { transactionScope } from "./transactionScope.ts";

/**
 * Postgres in this process, in a directory or in memory. One process at a time may open a directory (PGlite does not
 * look): a lock beside it says who has. A commit is in the operating system's hands when it returns: it survives the end of this
 * process at any instruction, not a power cut (PGlite runs without fsync).
 */
export async function openEmbedded(directory?: string): Promise<Database> {
  if (directory !== undefined) mkdirSync(dirname(directory), { recursive: true });
  const unlock = directory === undefined ? () => undefined : lockDirectory(directory);
  try {
    const engine = await PGlite.create(directory === undefined ? {} : { dataDir: directory });
    return databaseOf(engine, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function databaseOf(engine: PGlite, unlock: () => void): Database {
  const scope = transactionScope();
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: a failed block must be rolled back before anybody else speaks on the one connection. */
  const alone = <result>(work: () => Promise<result>): Promise<result> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const direct: Queries = {
    query: async <row>(statement: string, values: readonly unknown[] = []) =>
      (await engine.query<row>(statement, [...values], { parsers: COLUMN_PARSERS })).rows,
    executeSql: async (text, values) => {
      if (values !== undefined && values.length > 0) return engine.query(text, values);
      const results = await engine.exec(text);
      return { rows: results.flatMap(({ rows }) => rows) };
    },
  };
  const guarded = async <result>(statement: string, work: () => Promise<result>): Promise<result> => {
    scope.refuseWithin(statement);
    return alone(async () => {
      try {
        return await work();
      } catch (error) {
        await engine.exec("ROLLBACK"); // a block of statements may have opened a transaction
        throw error;
      }
    });
  };
  return {
    kind: "embedded",
    query: (statement, values) => guarded(statement, () => direct.query(statement, values)),
    // pg-boss reads a queue's settings past the transaction its job is sent in: here that is the same connection
    executeSql: (text, values) =>
      scope.current()?.executeSql(text, values) ?? guarded(text, () => direct.executeSql(text, values)),
    transaction: (work) =>
      guarded("BEGIN", async () => {
        await engine.exec("BEGIN");
        const result = await scope.run(direct, work);
        await engine.exec("COMMIT");
        return result;
      }),
    exclusively: (_, work) => work(), // there is no other process
    close: async () => {
      await alone(() => engine.close());
      unlock();
    },
  };
}
