/**
 * `npm run vectors:book`: writes test/vectors/proven-book.json, real margin proofs of accounts as a forge fixture has them in the
 * house, one of all its open accounts together, and the words of the arrays behind them. The forge suite gives them to the house,
 * and says so when its fixture or a circuit has changed: then this is run again.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  arrayCommitmentOf,
  collateralTermsOf,
  marginAccountOf,
  marginFacts,
  marginInput,
  marginStatement,
  riskArrayFacts,
  solvencyFacts,
  solvencyInput,
  solvencyStatement,
  unpackJointStates,
  unpackMarginTerms,
} from "@equipoise/sdk";
import { type AccountFacts, accountFactsOf, arrayFactsOf, riskArrayInputsOf } from "@equipoise/sdk/actions";
import { releaseProver } from "@equipoise/sdk/prover";
import { provenVector, writeVector } from "./provenVector.ts";

const STATE = "build/proven-book.json";
const written = spawnSync("forge", ["test", "--match-test", "test_book_isWritten"], { encoding: "utf8" });
if (written.status !== 0) throw new Error(`forge test ended with ${written.status}\n${written.stdout}`);
const state = JSON.parse(readFileSync(STATE, "utf8")) as Record<"arrays" | "accounts" | "open", Record<string, string>>;
const wordsOf = (texts: Record<string, string>): bigint[][] =>
  Object.keys(texts).map((_, i) => (texts[i] as string).split(" ").map(BigInt));

const arrays = wordsOf(state.arrays).map((words) => riskArrayFacts(riskArrayInputsOf(arrayFactsOf(words))));
const marketOf = (known: AccountFacts) => ({
  terms: unpackMarginTerms(known.marginTerms),
  jointLevels: unpackJointStates(known.jointStates),
  arrays,
  level: "initial" as const,
});
const accounts = [];
for (const words of wordsOf(state.accounts)) {
  const known = accountFactsOf(words);
  const { facts } = marginFacts({ account: marginAccountOf(known), ...marketOf(known) });
  const statement = marginStatement(facts);
  accounts.push(await provenVector(statement, marginInput(facts, statement)));
}
const open = wordsOf(state.open).map(accountFactsOf);
const [first] = open as [AccountFacts];
const { facts } = solvencyFacts({
  accounts: open.map((known) => {
    const { positions, cash, collateral } = marginAccountOf(known);
    return { positions, cash, balances: collateral.map(({ balance }) => balance) };
  }),
  collateral: collateralTermsOf(first),
  ...marketOf(first),
});
const statement = solvencyStatement(facts);
const solvency = await provenVector(statement, solvencyInput(facts, statement));
await releaseProver();
writeVector("test/vectors/proven-book.json", {
  arrays: arrays.map((array) => [
    array.stateSet,
    array.scenarioTerms,
    array.market,
    ...array.seriesTerms,
    ...array.seriesValues.flat(),
    arrayCommitmentOf(array),
  ]),
  accounts,
  solvency,
});
