/**
 * `npm run vectors:margin`: writes test/vectors/margin-proof.json, a real proof of an account with sixteen positions over four
 * arrays, which the forge suite gives to the real verifier. Proofs are random, so this is run only when the circuit or its
 * key has changed: the forge suite then fails.
 */
import { writeFileSync } from "node:fs";
import { circuitArtifacts } from "@equipoise/circuits";
import { marginFacts, marginInput, marginStatement, riskArrayFacts } from "@equipoise/sdk";
import { prove, releaseProver, verify } from "@equipoise/sdk/prover";
import { seededBook } from "../sdk/src/model/margin/seededBook.ts";

/** The first book of test/vectors/margin.json, at the initial level. */
const SEED = 40;

const book = seededBook(SEED);
const arrays = book.arrays.map((array) => array && riskArrayFacts(array));
const { facts } = marginFacts({ ...book, arrays, level: "initial" });
const statement = marginStatement(facts);
const artifacts = await circuitArtifacts("margin_full");
const proven = await prove(statement, marginInput(facts, statement), artifacts);
if (!(await verify(statement, proven.proof, artifacts.verificationKey))) throw new Error("the proof does not verify");
await releaseProver();

const { words, commitment, challenge, evaluation } = statement;
const { a, b, c } = proven.proof;
const vector = { words, commitment, challenge, evaluation, proof: [...a, ...b.flat(), ...c] };
const text = JSON.stringify(vector, (_, value) => (typeof value === "bigint" ? value.toString() : value), 1);
writeFileSync("test/vectors/margin-proof.json", `${text}\n`);
const { witnessMs, proveMs } = proven;
const peak = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `witness ${Math.round(witnessMs)} ms, proof ${Math.round(proveMs)} ms, at most ${Math.round(peak)} MB\n`,
);
