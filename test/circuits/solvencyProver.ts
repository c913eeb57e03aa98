/** A prover that cheats about the solvency of several accounts, in the small size. */
import type { AccountHoldings } from "../../sdk/src/model/margin/index.ts";
import { seededAccounts, seededBook } from "../../sdk/src/model/margin/seededBook.ts";
import {
  type SolvencyFacts,
  type SolvencyParameters,
  type Statement,
  solvencyFacts,
  solvencyInput,
  solvencyStatement,
} from "../../sdk/src/statements/index.ts";
import { parametersOf as marginParametersOf, size } from "./marginProver.ts";
import { statedInputs } from "./statedInputs.ts";

export type Inputs = ReturnType<typeof solvencyInput>;

/** Accounts of a seeded book's market; without any, as many as a proof has places for. */
export function parametersOf(
  seed: number,
  accounts?: readonly AccountHoldings[],
  options: Parameters<typeof seededBook>[1] = {},
): SolvencyParameters {
  const book = seededBook(seed, { size, ...options });
  const { terms, jointLevels, arrays } = marginParametersOf(seed, options);
  return {
    accounts: accounts ?? seededAccounts(seed, book, size.accounts, size),
    collateral: book.account.collateral,
    terms,
    jointLevels,
    arrays,
    level: "maintenance",
  };
}

export type Stated = { readonly facts: SolvencyFacts; readonly input: Inputs; readonly statement: Statement };

export function honest(parameters: SolvencyParameters): Stated {
  const { facts } = solvencyFacts(parameters, size);
  const statement = solvencyStatement(facts, size);
  return { facts, input: solvencyInput(facts, statement, size), statement };
}

export const WORDS = [
  "accounts",
  "collateralPrices",
  "collateralHaircuts",
  "collateralSlopes",
  "collateralArrays",
  "marginTerms",
  "jointStates",
  "results",
  "totals",
] as const;

export const { ready: solvencyProver, witnessOf, violationsOf } = statedInputs<Inputs>("solvency", WORDS);
