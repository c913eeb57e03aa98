import { Pool, type PoolClient, types } from "pg";
import { firstCause } from "../firstCause.ts";
import { COLUMN_PARSERS } from "./columnTypes.ts";
import type { Database, Queries } from "./database.ts";
import { transactionScope } from "./transactionScope.ts";

/** Connections of one process at most. */
const CONNECTIONS = 8;
const CONNECT_LIMIT_MS = 10_000;
/** Of a server whose machine is gone no word comes any more: for so long an answer is waited for, and a transaction for its next statement. */
const ANSWER_LIMIT_MS = 120_000;
const KEEP_ALIVE_MS = 10_000;

/** A server does not answer now, or has no room: it may again. Nothing of a transaction is there, unless its end was on its way. */
export class DatabaseAway extends Error {
  override name = "DatabaseAway";
  readonly retry = true;
  constructor(cause: unknown) {
    super(`the database cannot be asked now (${firstCause(cause)}); waiting`, { cause });
  }
}

/**
 * Of sockets and names; of connections, who may make them and to what (somebody may be changing that), resources, what was cut off, shutting
 * down and starting, the server's own system, deadlocks, and servers that only read.
 */
const AWAY = /^((?!ERR_)E[A-Z_]+|(08|28|53|58)\w{3}|3D000|57014|57P0[1-5]|40001|40P01|55P03|25006|25P03)$/;
const AWAY_MESSAGE =
  /timeout exceeded when trying to connect|connection terminated|connection error|not queryable|query read timeout|SSL connection/i;

async function asked<result>(work: () => Promise<result>): Promise<result> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const away = code === undefined ? AWAY_MESSAGE.test(message) : AWAY.test(code);
    throw away ? new DatabaseAway(error) : error;
  }
}

type Connection = Pick<PoolClient, "query">;
const ignore = (): void => undefined;

/** Any Postgres from 13 up, by its URL. */
export function openServer(url: string): Database {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // A connection may break while nobody asks anything of it, in the pool or out of it: whoever asks next sees a failure if the server is gone.
  pool.on("connect", (connection) => void connection.on("error", ignore));
  pool.on("error", ignore);
  const on = (connection: Connection): Queries => ({
    query: <row>(statement: string, values: readonly unknown[] = []) =>
      asked(
        async () =>
          (await connection.query({ text: statement, values: [...values], types: COLUMN_TYPES })).rows as row[],
      ),
    executeSql: (text, values) =>
      asked(async () => {
        const answer: { rows: unknown[] } | { rows: unknown[] }[] = await connection.query(text, values);
        return Array.isArray(answer) ? { rows: answer.flatMap(({ rows }) => rows) } : answer;
      }),
  });
  const direct = on(pool as Connection);
  const scope = transactionScope();
  return {
    kind: "server",
    query: async (statement, values) => {
      scope.refuseWithin(statement);
      return direct.query(statement, values);
    },
    // pg-boss reads a queue's settings past the transaction its job is sent in: on another connection they would wait for each other
    executeSql: (text, values) => (scope.current() ?? direct).executeSql(text, values),
    transaction: async (work) => {
      scope.refuseWithin("BEGIN");
      const connection = await asked(() => pool.connect());
      const within = on(connection);
      let broken = true;
      try {
        await within.executeSql(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${ANSWER_LIMIT_MS}`);
        try {
          const result = await scope.run(within, work);
          await within.executeSql("COMMIT");
          broken = false;
          return result;
        } catch (error) {
          await within.executeSql("ROLLBACK");
          broken = false;
          throw error;
        }
      } finally {
        connection.release(broken); // a connection that cannot even roll back is thrown away
      }
    },
    exclusively: async (number, work) => {
      const connection = await asked(() => pool.connect());
      const { query } = on(connection);
      try {
        await query("BEGIN"); // the lock of a transaction: behind a pooler a session may be somebody else's next
        await query("SELECT pg_advisory_xact_lock($1)", [number]);
        return await work();
      } finally {
        connection.release(true); // the lock ends with its connection
      }
    },
    close: () => pool.end(),
  };
}

const COLUMN_TYPES = {
  getTypeParser: (type: number, format?: "text" | "binary") =>
    format === "binary" ? types.getTypeParser(type, format) : (COLUMN_PARSERS[type] ?? types.getTypeParser(type)),
};
