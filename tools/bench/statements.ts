import {
  allocationFacts,
  type CircuitName,
  covarianceFactsOf,
  covarianceInput,
  covarianceStatement,
  defaultMandate,
  observedReturns,
  packObservations,
  parityInput,
  parityStatement,
  type Statement,
  WINDOW_LENGTH,
} from "@equipoise/sdk";
import { SIMULATED_ASSETS, simulatePrices } from "../../relayer/src/prices/simulator.ts";

/** Assets of the proofs that are timed, as in the prototypes whose figures the design quotes. */
export const PROVEN_ASSETS = 11;

export type Provable = { readonly statement: Statement; readonly input: object };

/**
 * A statement from simulated prices.
 * @param seed of the simulator
 */
export function simulatedStatement(circuit: CircuitName, seed: number): Provable {
  const assets = SIMULATED_ASSETS.slice(0, PROVEN_ASSETS);
  const { prices } = simulatePrices({ seed, assets, ticks: WINDOW_LENGTH + 1 });
  const observations = packObservations(observedReturns(prices));
  const facts = covarianceFactsOf(observations);
  if (circuit === "covariance") {
    const statement = covarianceStatement(facts);
    return { statement, input: covarianceInput(facts, statement) };
  }
  const mandate = defaultMandate(PROVEN_ASSETS);
  const triangle = facts.covarianceTriangles[mandate.decayIndex] as bigint[];
  const allocated = allocationFacts(mandate, triangle).facts;
  const statement = parityStatement(allocated);
  return { statement, input: parityInput(allocated, statement) };
}
