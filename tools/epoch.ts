/**
 * `npm run vectors:epoch`: writes test/vectors/epoch.json, one epoch with real proofs from simulated prices, which the
 * forge suite replays through the log, the oracle and a vault with the real verifiers. Proofs are random, so this is run
 * only when a circuit, a key or the protocol has changed: the forge suite then fails.
 */
import {
  allocationFacts,
  covarianceFactsOf,
  covarianceInput,
  covarianceStatement,
  defaultMandate,
  FEED_DECIMALS,
  observedReturns,
  packObservations,
  parityInput,
  parityStatement,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import { releaseProver } from "@equipoise/sdk/prover";
import { simulatePrices } from "../relayer/src/prices/simulator.ts";
import { provenVector, writeVector } from "./provenVector.ts";

const ASSETS = 5;
const series = simulatePrices({ ticks: WINDOW_LENGTH + 1, seed: 7 });
const scale = 10n ** BigInt(18 - FEED_DECIMALS);
const prices = series.prices.map((row) => row.slice(0, ASSETS));
const observations = packObservations(observedReturns(prices));
const facts = covarianceFactsOf(observations);
const covariance = covarianceStatement(facts);

const mandate = { ...defaultMandate(ASSETS), caps: [240_000n, 1_000_000n, 1_000_000n, 1_000_000n, 1_000_000n] };
const triangle = facts.covarianceTriangles[mandate.decayIndex] as bigint[];
const { facts: parityFacts } = allocationFacts(mandate, triangle);
const parity = parityStatement(parityFacts);

const vector = {
  source: "simulated",
  assets: ASSETS,
  /** {10⁻⁸} row by row, oldest first */
  answers: prices.flat().map((price) => price / scale),
  covariance: await provenVector(covariance, covarianceInput(facts, covariance)),
  parity: await provenVector(parity, parityInput(parityFacts, parity)),
};
await releaseProver();
writeVector("test/vectors/epoch.json", vector);
