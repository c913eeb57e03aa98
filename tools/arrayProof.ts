/**
 * `npm run vectors:array`: writes test/vectors/risk-array-proof.json, a real proof of the full array of
 * test/vectors/risk-array.json, which the forge suite gives to the real verifier. Proofs are random, so this is run only when
 * the circuit, its key or the vectors have changed: the forge suite then fails.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { circuitArtifacts } from "@equipoise/circuits";
import { type ArrayWords, riskArrayInput, riskArrayStatement, SERIES_VALUE_WORDS, SIZES } from "@equipoise/sdk";
import { prove, releaseProver, verify } from "@equipoise/sdk/prover";

type ArrayVector = { readonly size: string; readonly words: readonly string[] };
const { arrays } = JSON.parse(readFileSync("test/vectors/risk-array.json", "utf8")) as {
  readonly arrays: readonly ArrayVector[];
};
const { series } = SIZES.full;
const words = arrays.find(({ size }) => size === "full")?.words.map(BigInt);
if (words === undefined) throw new TypeError("test/vectors/risk-array.json has no array of the full size");
const [stateSet, scenarioTerms, market, ...others] = words as [bigint, bigint, bigint, ...bigint[]];
const facts: ArrayWords = {
  stateSet,
  scenarioTerms,
  market,
  seriesTerms: others.slice(0, series),
  seriesValues: Array.from({ length: series }, (_, k) =>
    others.slice(series + SERIES_VALUE_WORDS * k, series + SERIES_VALUE_WORDS * (k + 1)),
  ),
};
const statement = riskArrayStatement(facts);
const artifacts = await circuitArtifacts("riskArray_full");
const proven = await prove(statement, riskArrayInput(facts, statement), artifacts);
if (!(await verify(statement, proven.proof, artifacts.verificationKey))) throw new Error("the proof does not verify");
await releaseProver();

const { commitment, challenge, evaluation } = statement;
const { a, b, c } = proven.proof;
const vector = { words, commitment, challenge, evaluation, proof: [...a, ...b.flat(), ...c] };
const text = JSON.stringify(vector, (_, value) => (typeof value === "bigint" ? value.toString() : value), 1);
writeFileSync("test/vectors/risk-array-proof.json", `${text}\n`);
const { witnessMs, proveMs } = proven;
const peak = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `witness ${Math.round(witnessMs)} ms, proof ${Math.round(proveMs)} ms, at most ${Math.round(peak)} MB\n`,
);
