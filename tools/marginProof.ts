/**
 * `npm run vectors:margin`: writes test/vectors/margin-proof.json, a real proof of an account with sixteen positions over four
 * arrays, which the forge suite gives to the real verifier. Proofs are random, so this is run only when the circuit or its
 * key has changed: the forge suite then fails.
 */
import { marginFacts, marginInput, marginStatement, riskArrayFacts } from "@equipoise/sdk";
import { releaseProver } from "@equipoise/sdk/prover";
import { seededBook } from "../sdk/src/model/margin/seededBook.ts";
import { provenVector, writeVector } from "./provenVector.ts";

/** The first book of test/vectors/margin.json, at the initial level. */
const SEED = 40;

const book = seededBook(SEED);
const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
const { facts } = marginFacts({ ...book, arrays, level: "initial" });
const statement = marginStatement(facts);
const vector = await provenVector(statement, marginInput(facts, statement));
await releaseProver();
writeVector("test/vectors/margin-proof.json", vector);
