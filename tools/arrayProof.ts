/**
 * `npm run vectors:array`: writes test/vectors/risk-array-proof.json, a real proof of the full array of
 * test/vectors/risk-array.json, which the forge suite gives to the real verifier. Proofs are random, so this is run only when
 * the circuit, its key or the vectors have changed: the forge suite then fails.
 */
import { readFileSync } from "node:fs";
import { type ArrayWords, riskArrayInput, riskArrayStatement, SERIES_VALUE_WORDS, SIZES } from "@equipoise/sdk";
import { releaseProver } from "@equipoise/sdk/prover";
import { provenVector, writeVector } from "./provenVector.ts";

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
const vector = await provenVector(statement, riskArrayInput(facts, statement));
await releaseProver();
writeVector("test/vectors/risk-array-proof.json", vector);
