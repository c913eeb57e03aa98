import { SIZES, type Size } from "../../protocol.ts";
import { type MarginAccount, type MarginMarket, type Position, TooMany } from "./account.ts";
import { type AccountMargin, accountMargin } from "./accountMargin.ts";

/** What accounts come to together {ppm of a dollar}: docs/clearing.md, Q-3. */
export type SolvencyTotals = {
  readonly equity: bigint;
  readonly maintenanceMargin: bigint;
  readonly initialMargin: bigint;
  /** Σ of what those owe that owe more than they have */
  readonly shortfall: bigint;
};

/** What one account adds to the totals. */
export type AccountFigures = Pick<AccountMargin, "equity" | "maintenanceMargin" | "initialMargin">;

/** Q: sums over accounts; a shortfall counts only what an account owes beyond what it has. */
export const totalsOf = (accounts: readonly AccountFigures[]): SolvencyTotals =>
  accounts.reduce<SolvencyTotals>(
    (sum, { equity, maintenanceMargin, initialMargin }) => ({
      equity: sum.equity + equity,
      maintenanceMargin: sum.maintenanceMargin + maintenanceMargin,
      initialMargin: sum.initialMargin + initialMargin,
      shortfall: sum.shortfall + (equity < 0n ? -equity : 0n),
    }),
    { equity: 0n, maintenanceMargin: 0n, initialMargin: 0n, shortfall: 0n },
  );

type Holder = { readonly positions: readonly Pick<Position, "series">[] };

/** The series that any of some accounts holds, ascending. */
export const heldSeriesOf = (accounts: readonly Holder[]): number[] =>
  [...new Set(accounts.flatMap(({ positions }) => positions.map(({ series }) => series)))].toSorted(
    (one, other) => one - other,
  );

/**
 * Margins of the accounts of one proof, and what they come to.
 * @throws TooMany accounts or different series, and what `accountMargin` throws
 */
export function solvencyOf(
  accounts: readonly MarginAccount[],
  market: MarginMarket,
  size: Size = SIZES.full,
): { readonly margins: readonly AccountMargin[]; readonly totals: SolvencyTotals } {
  if (accounts.length > size.accounts) throw new TooMany("accounts", accounts.length, size.accounts);
  const held = heldSeriesOf(accounts);
  if (held.length > size.heldSeries) throw new TooMany("different series", held.length, size.heldSeries);
  const margins = accounts.map((account) => accountMargin(account, market));
  return { margins, totals: totalsOf(margins) };
}

/**
 * Accounts in groups that one proof each has room for, in the order given: into the first group that has a place left and
 * opens the account's series, or has room to open them too.
 */
export function solvencyBatches<T extends Holder>(accounts: readonly T[], size: Size = SIZES.full): T[][] {
  const batches: T[][] = [];
  for (const account of accounts) {
    const batch = batches.find(
      (group) => group.length < size.accounts && heldSeriesOf([...group, account]).length <= size.heldSeries,
    );
    if (batch === undefined) batches.push([account]);
    else batch.push(account);
  }
  return batches;
}
