import {
  type AccountMargin,
  accountMargin,
  accountWith,
  type MarginAccount,
  type MarginMarket,
  type MarginTerms,
  packJointStates,
} from "../model/margin/index.ts";
import { packSignedNumbers, readSigned, unpackNumbers } from "../numbers.ts";
import { ARRAY_COUNT, GREEKS, type MarginLevel, SIZES, type Size } from "../protocol.ts";
import { type ArrayWords, marginArrayOf } from "./arrayWords.ts";
import {
  arrayCommitmentsOf,
  collateralTermsOf,
  heldSeriesInput,
  type MarginMarketFacts,
  marginMarketOf,
  marketInput,
  marketWordsOf,
} from "./marginMarket.ts";
import {
  packBalances,
  packCash,
  packCollateralTerms,
  packMarginResult,
  packMarginTerms,
  packPositions,
  unpackPositions,
} from "./marginWords.ts";
import { type Statement, statementOf } from "./statement.ts";

/** An account in words of lanes. */
export type AccountWords = {
  readonly positions: readonly bigint[];
  readonly cash: bigint;
  readonly collateral: readonly bigint[];
};

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
export type MarginParameters = {
  readonly account: MarginAccount;
  readonly terms: MarginTerms;
  /** J-2 [32] */
  readonly jointLevels: readonly number[];
  /** [4] */
  readonly arrays: readonly (ArrayWords | undefined)[];
  /** the requirement that `healthy` speaks of */
  readonly level: MarginLevel;
};

/**
 * The margin of an account, and what a statement says of it.
 * @throws what `accountMargin` and the packing of words throw
 */
export function marginFacts(
  { account, terms, jointLevels, arrays, level }: MarginParameters,
  size: Size = SIZES.full,
): { readonly margin: AccountMargin; readonly facts: MarginFacts } {
  const market: MarginMarket = { arrays: arrays.map((array) => array && marginArrayOf(array)), terms, jointLevels };
  const margin = accountMargin(account, market);
  const { equity, maintenanceMargin, initialMargin, excess, greeks } = margin;
  return {
    margin,
    facts: {
      positions: packPositions(account.positions, size),
      cash: packCash(account.cash),
      collateral: packBalances(account.collateral.map(({ balance }) => balance)),
      ...packCollateralTerms(account.collateral),
      marginTerms: packMarginTerms(terms),
      jointStates: packJointStates(jointLevels),
      result: packMarginResult({ equity, maintenanceMargin, initialMargin, level, healthy: excess[level] >= 0n }),
      greeks: GREEKS.flatMap((greek) => packSignedNumbers("triple", greeks[greek])),
      arrays: Array.from({ length: ARRAY_COUNT }, (_, a) => arrays[a]),
    },
  };
}

/** The statement of an account's margin: docs/clearing.md, G-1. */
export function marginStatement(facts: MarginFacts, size: Size = SIZES.full): Statement {
  const words = [
    ...facts.positions,
    facts.cash,
    ...facts.collateral,
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
