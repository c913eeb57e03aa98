import { AsyncLocalStorage } from "node:async_hooks";
import type { Queries } from "./database.ts";

/** A statement was sent past the transaction it is part of: it would wait for another connection while it holds its own, or for itself. */
export class StatementOutsideTransaction extends Error {
  override name = "StatementOutsideTransaction";
  constructor(statement: string) {
    super(
      `"${statement.slice(0, 60)}" was asked of the database inside a transaction: ask what the transaction handed over`,
    );
  }
}

/** Which transaction a statement is asked within. */
export type TransactionScope = {
  /** what the transaction that this is called within has handed over; nothing outside of one */
  readonly current: () => Queries | undefined;
  readonly run: <result>(queries: Queries, work: (within: Queries) => Promise<result>) => Promise<result>;
  /** Errors: {@link StatementOutsideTransaction} within a transaction */
  readonly refuseWithin: (statement: string) => void;
};

export function transactionScope(): TransactionScope {
  const inside = new AsyncLocalStorage<{ readonly queries: Queries; open: boolean }>();
  const current = (): Queries | undefined => {
    const scope = inside.getStore();
    return scope?.open === true ? scope.queries : undefined;
  };
  return {
    current,
    run: async (queries, work) => {
      const scope = { queries, open: true };
      try {
        return await inside.run(scope, () => work(queries));
      } finally {
        scope.open = false;
      }
    },
    refuseWithin: (statement) => {
      if (current() !== undefined) throw new StatementOutsideTransaction(statement);
    },
  };
}
