import {
  type AccountHoldings,
  type AccountMargin,
  accountWith,
  type CollateralTerms,
  heldSeriesOf,
  type SolvencyTotals,
  solvencyOf,
  TooMany,
} from "../model/margin/index.ts";
import { type MarginLevel, SIZES, type Size } from "../protocol.ts";
import { type AccountWords, accountWordsOf, marginAccountOf, packAccount, resultOf } from "./margin.ts";
import {
  arrayCommitmentsOf,
  heldSeriesInput,
  type MarginMarketFacts,
  type MarketParameters,
  marginMarketOf,
  marketFacts,
  marketInput,
  marketOf,
  marketWordsOf,
} from "./marginMarket.ts";
import { packSolvencyTotals } from "./marginWords.ts";
import { type Statement, statementOf } from "./statement.ts";

/** What a statement of solvency says. */
export type SolvencyFacts = MarginMarketFacts & {
  /** as many as a proof has places for; an unused one holds nothing */
  readonly accounts: readonly AccountWords[];
  readonly results: readonly bigint[];
  readonly totals: bigint;
};

/** Accounts over one market, as a solvency statement takes them. */
export type SolvencyParameters = MarketParameters & {
  /** at most as many as a proof has places for */
  readonly accounts: readonly AccountHoldings[];
  /** at most 12 */
  readonly collateral: readonly CollateralTerms[];
  /** the requirement that each `healthy` speaks of */
  readonly level: MarginLevel;
};

const NOTHING: AccountHoldings = { positions: [], cash: 0n, balances: [] };

/**
 * The margins of accounts, what they come to, and what a statement says of them.
 * @throws what `solvencyOf` and the packing of words throw
 */
export function solvencyFacts(
  { accounts, collateral, level, ...market }: SolvencyParameters,
  size: Size = SIZES.full,
): { readonly margins: readonly AccountMargin[]; readonly totals: SolvencyTotals; readonly facts: SolvencyFacts } {
  if (accounts.length > size.accounts) throw new TooMany("accounts", accounts.length, size.accounts);
  const places = Array.from({ length: size.accounts }, (_, place) => accounts[place] ?? NOTHING);
  const holders = places.map((holdings) => accountWith(holdings, collateral));
  const { margins, totals } = solvencyOf(holders, marketOf(market), size);
  return {
    margins: margins.slice(0, accounts.length),
    totals,
    facts: {
      accounts: places.map((holdings) => packAccount(holdings, size)),
      ...marketFacts(market, collateral),
      results: margins.map((margin) => resultOf(margin, level)),
      totals: packSolvencyTotals(totals),
    },
  };
}

/** The statement of accounts and what they come to: docs/clearing.md, Q-1. */
export function solvencyStatement(facts: SolvencyFacts, size: Size = SIZES.full): Statement {
  const words = [
    ...facts.accounts.flatMap(accountWordsOf),
    ...marketWordsOf(facts),
    ...facts.results,
    facts.totals,
    ...arrayCommitmentsOf(facts),
  ];
  return statementOf("solvency", words, size);
}

/**
 * Inputs of the circuit's witness; field elements as decimal strings, as snarkjs takes them. Beside the statement's words:
 * the opened arrays, the series that anybody holds with their words, and each account's worst loss.
 */
export function solvencyInput(facts: SolvencyFacts, statement: Statement, size: Size = SIZES.full) {
  const market = marginMarketOf(facts);
  const holders = facts.accounts.map((words) => marginAccountOf({ ...facts, ...words }, size));
  const series = heldSeriesOf(holders);
  return {
    accounts: facts.accounts.flatMap(accountWordsOf).map(String),
    ...marketInput(facts, size),
    results: facts.results.map(String),
    totals: String(facts.totals),
    heldNumbers: Array.from({ length: size.heldSeries }, (_, place) => String((series[place] ?? -1) + 1)),
    ...heldSeriesInput(facts, series, size.heldSeries),
    worst: solvencyOf(holders, market, size).margins.map(({ worst }) => String(worst.loss)),
    challenge: String(statement.challenge),
    evaluation: String(statement.evaluation),
  };
}
