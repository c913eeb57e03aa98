/**
 * `npm run vectors:solvency`: writes test/vectors/solvency-proof.json, a real proof of three accounts over four arrays, one of which
 * owes more than it has, and a place that is not used. The forge suite gives it to the real verifier. Proofs are random, so this is
 * run only when the circuit or its key has changed: the forge suite then fails.
 */
import { PPM, riskArrayFacts, SIZES, solvencyFacts, solvencyInput, solvencyStatement } from "@equipoise/sdk";
import { releaseProver } from "@equipoise/sdk/prover";
import { seededAccounts, seededBook } from "../sdk/src/model/margin/seededBook.ts";
import { provenVector, writeVector } from "./provenVector.ts";

/** The first book of test/vectors/margin.json. */
const SEED = 40;
const DEBT = 5_000_000n * PPM;

const book = seededBook(SEED);
const accounts = seededAccounts(SEED, book, SIZES.full.accounts - 1);
const { facts } = solvencyFacts({
  ...book,
  arrays: book.arrays.map((array) => array && riskArrayFacts(array)),
  accounts: accounts.map((account, k) => (k === 1 ? { ...account, cash: account.cash - DEBT } : account)),
  collateral: book.account.collateral,
  level: "initial",
});
const statement = solvencyStatement(facts);
const vector = await provenVector(statement, solvencyInput(facts, statement));
await releaseProver();
writeVector("test/vectors/solvency-proof.json", vector);
