import { type AccountHoldings, LANE_COUNT, SIZES, type SolvencyParameters } from "@equipoise/sdk";
import { UnitsUnreadable } from "./decimalUnits.ts";
import { amountOf, collateralTermsOf, type Fields, list, positionsOf, readMarketFile } from "./marketFile.ts";

/** What `equipoise prove solvency` is asked for. */
export type AccountsFile = {
  readonly parameters: SolvencyParameters;
  /** of the accounts; by default their places */
  readonly labels: readonly string[];
};

/**
 * Reads accounts and their market in plain numbers; of the market see {@link readMarketFile}.
 *
 *   collateral    at most 12: price, haircut, slope, underlying
 *   accounts      as many as one proof has places for: name, cash, positions [{underlying, series, quantity}], balances (in the
 *                 order of `collateral`)
 *
 * @throws AccountFileUnreadable, UnitsUnreadable
 */
export function readAccountsFile(path: string): AccountsFile {
  const { file, names, market } = readMarketFile(path);
  const collateral = list(file.collateral ?? [], "collateral", LANE_COUNT).map((entry, k) =>
    collateralTermsOf(entry, `collateral[${k}]`, names.length),
  );
  const accounts = list(file.accounts, "accounts", SIZES.full.accounts);
  return {
    labels: accounts.map(({ name }, k) => (typeof name === "string" ? name : `${k}`)),
    parameters: {
      ...market,
      collateral,
      accounts: accounts.map((account, k) => holdingsOf(account, `accounts[${k}]`, names.length, collateral.length)),
    },
  };
}

function holdingsOf(given: Fields, field: string, arrays: number, lanes: number): AccountHoldings {
  const balances = given.balances ?? [];
  if (!Array.isArray(balances) || balances.length > lanes) {
    throw new UnitsUnreadable(
      `${field}.balances`,
      balances,
      `must be a list of at most ${lanes}, one for each collateral`,
    );
  }
  return {
    positions: positionsOf(given.positions, `${field}.positions`, arrays),
    cash: amountOf(given.cash, `${field}.cash`),
    balances: balances.map((balance, lane) => amountOf(balance, `${field}.balances[${lane}]`)),
  };
}
