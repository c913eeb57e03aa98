import type { Collateral, MarginParameters } from "@equipoise/sdk";
import { amountOf, collateralTermsOf, type Fields, fields, list, positionsOf, readMarketFile } from "./marketFile.ts";

/** What `equipoise prove margin` is asked for. */
export type AccountFile = {
  readonly parameters: MarginParameters;
  /** by array */
  readonly names: readonly string[];
};

/**
 * Reads an account and its market in plain numbers; of the market see {@link readMarketFile}.
 *
 *   account       cash, positions [{underlying, series, quantity}], collateral [{balance, price, haircut, slope, underlying}]
 *
 * @throws AccountFileUnreadable, UnitsUnreadable
 */
export function readAccountFile(path: string): AccountFile {
  const { file, names, market } = readMarketFile(path);
  return { names, parameters: { ...market, account: accountOf(fields(file.account, "account"), names.length) } };
}

const accountOf = (given: Fields, arrays: number): MarginParameters["account"] => ({
  positions: positionsOf(given.positions, "account.positions", arrays),
  cash: amountOf(given.cash, "account.cash"),
  collateral: list(given.collateral ?? [], "account.collateral", Number.POSITIVE_INFINITY).map(
    (held, k): Collateral => {
      const field = `account.collateral[${k}]`;
      return { ...collateralTermsOf(held, field, arrays), balance: amountOf(held.balance, `${field}.balance`) };
    },
  ),
});
