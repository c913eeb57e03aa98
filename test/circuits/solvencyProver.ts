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
  statementOf,
} from "../../sdk/src/statements/index.ts";
import { CheatingProver } from "./cheating-prover.ts";
import { parametersOf as marginParametersOf, signalsOf, size } from "./marginProver.ts";
import { tamperable } from "./systems.ts";

export type Inputs = ReturnType<typeof solvencyInput>;

/** To be awaited before anything else here. */
export async function solvencyProver(): Promise<CheatingProver> {
  prover ??= new CheatingProver(await tamperable("solvency_small"));
  return prover;
}
let prover: CheatingProver | undefined;

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

/** The witness of a prover who states these inputs, true or false, with public inputs that fit the statement. */
export function witnessOf(truth: Stated, lie: Partial<Inputs> = {}, forced: Record<string, bigint> = {}): bigint[] {
  const input = { ...truth.input, ...lie };
  const words = [...WORDS.flatMap((word) => [input[word]].flat().map(BigInt)), ...truth.statement.words.slice(-4)];
  const statement = statementOf("solvency", words, size);
  const stated = { ...input, challenge: String(statement.challenge), evaluation: String(statement.evaluation) };
  const given = Object.fromEntries(Object.entries(stated).flatMap(([name, value]) => signalsOf(`main.${name}`, value)));
  return (prover as CheatingProver).witness(given, forced);
}

export const violationsOf = (...lie: Parameters<typeof witnessOf>): string[] =>
  (prover as CheatingProver).system.violations(witnessOf(...lie));
