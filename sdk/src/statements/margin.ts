import {
  type AccountHoldings,
  type AccountMargin,
  accountMargin,
  accountWith,
  type MarginAccount,
} from "../model/margin/index.ts";
import { packSignedNumbers, readSigned, unpackNumbers } from "../numbers.ts";
import { GREEKS, type MarginLevel, SIZES, type Size } from "../protocol.ts";
import {
  arrayCommitmentsOf,
  collateralTermsOf,
  heldSeriesInput,
  type MarginMarketFacts,
  type MarketParameters,
  marginMarketOf,
  marketFacts,
  marketInput,
  marketOf,
  marketWordsOf,
} from "./marginMarket.ts";
import { packBalances, packCash, packMarginResult, packPositions, unpackPositions } from "./marginWords.ts";
import { type Statement, statementOf } from "./statement.ts";

/** An account in words of lanes. */
export type AccountWords = {
  readonly positions: readonly bigint[];
  readonly cash: bigint;
  readonly collateral: readonly bigint[];
};

/** The words of what an account holds. */
export const packAccount = ({ positions, cash, balances }: AccountHoldings, size: Size = SIZES.full): AccountWords => ({
  positions: packPositions(positions, size),
  cash: packCash(cash),
  collateral: packBalances(balances),
});

/** An account's words in the order of every statement that has them. */
export const accountWordsOf = (words: AccountWords): bigint[] => [...words.positions, words.cash, ...words.collateral];

/** The word of what an account's margin comes to, at the requirement that `healthy` speaks of. */
export const resultOf = ({ excess, ...margin }: AccountMargin, level: MarginLevel): bigint =>
  packMarginResult({ ...margin, level, healthy: excess[level] >= 0n });

/** What a margin statement says. */
export type MarginFacts = AccountWords &
  MarginMarketFacts & {
    readonly result: bigint;
    readonly greeks: readonly bigint[];
  };

/** The account behind the words of a statement. */
export const marginAccountOf = (
  facts: AccountWords & Parameters<typeof collateralTermsOf>[0],
  size: Size = SIZES.full,
): MarginAccount =>
  accountWith(
    {
      positions: unpackPositions(facts.positions, size),
      cash: readSigned("triple", 0, facts.cash),
      balances: unpackNumbers("triple", facts.collateral),
    },
    collateralTermsOf(facts),
  );

/** An account and all that its margin follows from. */
export type MarginParameters = MarketParameters & {
  readonly account: MarginAccount;
  /** the requirement that `healthy` speaks of */
  readonly level: MarginLevel;
};

/**
 * The margin of an account, and what a statement says of it.
 * @throws what `accountMargin` and the packing of words throw
 */
export function marginFacts(
  { account, level, ...market }: MarginParameters,
  size: Size = SIZES.full,
): { readonly margin: AccountMargin; readonly facts: MarginFacts } {
  const margin = accountMargin(account, marketOf(market));
  return {
    margin,
    facts: {
      ...packAccount({ ...account, balances: account.collateral.map(({ balance }) => balance) }, size),
      ...marketFacts(market, account.collateral),
      result: resultOf(margin, level),
      greeks: GREEKS.flatMap((greek) => packSignedNumbers("triple", margin.greeks[greek])),
    },
  };
}

/** The statement of an account's margin: docs/clearing.md, G-1. */
export function marginStatement(facts: MarginFacts, size: Size = SIZES.full): Statement {
  const words = [
    ...accountWordsOf(facts),
    ...marketWordsOf(facts),
    facts.result,
    ...facts.greeks,
    ...arrayCommitmentsOf(facts),
  ];
  return statementOf("margin", words, size);
}

/**
 * Inputs of the circuit's witness; field elements as decimal strings, as snarkjs takes them. Beside the statement's words:
 * the opened arrays, the words of each position's series, and the worst loss.
 */
export function marginInput(facts: MarginFacts, statement: Statement, size: Size = SIZES.full) {
  const { worst } = accountMargin(marginAccountOf(facts, size), marginMarketOf(facts));
  const series = unpackPositions(facts.positions, size).map((position) => position.series);
  return {
    positions: facts.positions.map(String),
    cash: String(facts.cash),
    collateral: facts.collateral.map(String),
    ...marketInput(facts, size),
    result: String(facts.result),
    greeks: facts.greeks.map(String),
    ...heldSeriesInput(facts, series, size.positions),
    worst: String(worst.loss),
    challenge: String(statement.challenge),
    evaluation: String(statement.evaluation),
  };
}
