import { Pool, type PoolClient, types } from "pg";
import { COLUMN_PARSERS } from "./columnTypes.ts";
import type { Database, Queries } from "./database.ts";

/** Connections of one process at most. */
const CONNECTIONS = 8;
const CONNECT_LIMIT_MS = 10_000;

type Connection = Pick<PoolClient, "query">;

/** Any Postgres from 13 up, by its URL. */
export function openServer(url: string): Database {
  const pool = new Pool({ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_LIMIT_MS });
  // An idle connection that breaks is replaced by the pool; whoever asks next sees a failure if the server is gone.
  pool.on("error", () => undefined);
  const on = (connection: Connection): Queries => ({
    query: async <row>(statement: string, values: readonly unknown[] = []) =>
      (await connection.query({ text: statement, values: [...values], types: COLUMN_TYPES })).rows as row[],
    executeSql: async (text, values) => {
      const answer: { rows: unknown[] } | { rows: unknown[] }[] = await connection.query(text, values);
      return Array.isArray(answer) ? { rows: answer.flatMap(({ rows }) => rows) } : answer;
    },
  });
  return {
    kind: "server",
    ...on(pool as Connection),
    transaction: async (work) => {
      const connection = await pool.connect();
      let broken = true;
      try {
        await connection.query("BEGIN");
        try {
          const result = await work(on(connection));
          await connection.query("COMMIT");
          broken = false;
          return result;
        } catch (error) {
          await connection.query("ROLLBACK");
          broken = false;
          throw error;
        }
      } finally {
        connection.release(broken); // a connection that cannot even roll back is thrown away
      }
    },
    close: () => pool.end(),
  };
}

const COLUMN_TYPES = {
  getTypeParser: (type: number, format?: "text" | "binary") =>
    format === "binary" ? types.getTypeParser(type, format) : (COLUMN_PARSERS[type] ?? types.getTypeParser(type)),
};
