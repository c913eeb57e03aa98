import {
  type AccountMargin,
  type ArrayWords,
  type MarginAccount,
  type MarginLevel,
  type MarginMarket,
  marginAccountOf,
  marginFacts,
  marginInput,
  marginMarketOf,
  marginStatement,
  type Position,
  type Statement,
  unpackJointStates,
  unpackMarginTerms,
} from "@equipoise/sdk";
import { type AccountFacts, readAccountFacts, readEpochNumbers } from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import { StepFailed } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { epochArrays, isAccepted } from "./arrayFacts.ts";
import { clearingSite } from "./clearingSite.ts";

/** What is about to happen to an account. Quantities {ppm of a contract}, cash {ppm of a dollar}, tokens {ppm of a token}. */
export type AccountChange = {
  readonly position?: { readonly series: number; readonly quantity: bigint };
  readonly cash?: bigint;
  readonly balance?: { readonly lane: number; readonly amount: bigint };
};

/** An account over the current epoch, as the chain and the model have it. */
export type EpochAccount = {
  readonly facts: AccountFacts;
  readonly arrays: readonly (ArrayWords | undefined)[];
  readonly account: MarginAccount;
  readonly market: MarginMarket;
};

/** Reads an account over the current epoch. */
export async function readEpochAccount(context: Context, account: Hex): Promise<EpochAccount> {
  const { chain, clearing } = clearingSite(context);
  const [facts, { current }] = await Promise.all([
    readAccountFacts(chain.reader, { clearingHouse: clearing.clearingHouse, account }),
    readEpochNumbers(chain.reader, clearing),
  ]);
  const arrays = await epochArrays(context, current);
  if (!isAccepted(arrays, facts.arrayCommitments)) {
    throw new StepFailed(`epoch ${current} is not what the arrays commit to: another may just have become current`, {
      retry: true,
    });
  }
  return { facts, arrays, account: marginAccountOf(facts), market: marginMarketOf({ ...facts, arrays }) };
}

/** An account after a change, positions in the order of their series and empty ones left out, as the house keeps them. */
export function changedAccount(account: MarginAccount, { position, cash, balance }: AccountChange): MarginAccount {
  return {
    positions: position === undefined ? account.positions : changedPositions(account.positions, position),
    cash: account.cash + (cash ?? 0n),
    collateral: account.collateral.map((entry, lane) =>
      lane === balance?.lane ? { ...entry, balance: entry.balance + balance.amount } : entry,
    ),
  };
}

function changedPositions(positions: readonly Position[], change: Position): Position[] {
  const before = positions.find(({ series }) => series === change.series)?.quantity ?? 0n;
  const others = positions.filter(({ series }) => series !== change.series);
  return [...others, { series: change.series, quantity: before + change.quantity }]
    .filter(({ quantity }) => quantity !== 0n)
    .toSorted((one, other) => one.series - other.series);
}

/** Whether an account needs no proof (H-2). */
export const isFree = ({ positions, cash }: Pick<MarginAccount, "positions" | "cash">): boolean =>
  positions.every(({ quantity }) => quantity === 0n) && cash >= 0n;

/** The margin of an account after a change, and the statement of it with the inputs of its proof. */
export function accountStatement(
  { facts, arrays, account }: EpochAccount,
  change: AccountChange,
  level: MarginLevel,
): { readonly margin: AccountMargin; readonly statement: Statement; readonly input: object } {
  const proven = marginFacts({
    account: changedAccount(account, change),
    terms: unpackMarginTerms(facts.marginTerms),
    jointLevels: unpackJointStates(facts.jointStates),
    arrays,
    level,
  });
  const statement = marginStatement(proven.facts);
  return { margin: proven.margin, statement, input: marginInput(proven.facts, statement) };
}
