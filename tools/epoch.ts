/**
 * `npm run vectors:epoch`: writes test/vectors/epoch.json, one epoch with real proofs from simulated prices, which the
 * forge suite replays through the log, the oracle and a vault with the real verifiers. Proofs are random, so this is run
 * only when a circuit, a key or the protocol has changed: the forge suite then fails.
 */
import { writeFileSync } from "node:fs";
import { circuitArtifacts } from "@equipoise/circuits";
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
import { type Proof, prove, releaseProver } from "@equipoise/sdk/prover";
import { simulatePrices } from "../relayer/src/prices/simulator.ts";

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

/** The verifiers' eight words: a, b, c. */
const flat = ({ a, b, c }: Proof): bigint[] => [...a, ...b.flat(), ...c];
const proofs = {
  covariance: await prove(covariance, covarianceInput(facts, covariance), await circuitArtifacts("covariance_full")),
  parity: await prove(parity, parityInput(parityFacts, parity), await circuitArtifacts("parity_full")),
};
await releaseProver();

const vector = {
  source: "simulated",
  assets: ASSETS,
  /** {10⁻⁸} row by row, oldest first */
  answers: prices.flat().map((price) => price / scale),
  covariance: {
    words: covariance.words,
    commitment: covariance.commitment,
    challenge: covariance.challenge,
    evaluation: covariance.evaluation,
    proof: flat(proofs.covariance.proof),
  },
  parity: {
    words: parity.words,
    commitment: parity.commitment,
    challenge: parity.challenge,
    evaluation: parity.evaluation,
    proof: flat(proofs.parity.proof),
  },
};
const text = JSON.stringify(vector, (_, value) => (typeof value === "bigint" ? value.toString() : value), 1);
writeFileSync("test/vectors/epoch.json", `${text}\n`);
