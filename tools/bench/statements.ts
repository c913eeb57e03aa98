import {
  type Allocation,
  allocate,
  type CircuitName,
  covarianceInput,
  covarianceStatement,
  defaultMandate,
  observedReturns,
  packAllocation,
  packMandate,
  packObservations,
  parityInput,
  parityStatement,
  riskFigures,
  type Statement,
  unpackObservations,
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
  const figures = riskFigures(unpackObservations(observations));
  if (circuit === "covariance") {
    const facts = {
      observations,
      volatilities: figures.volatilitiesWord,
      correlations: figures.correlationsWords,
      covarianceTriangles: figures.triangles,
    };
    const statement = covarianceStatement(facts);
    return { statement, input: covarianceInput(facts, statement) };
  }
  const mandate = defaultMandate(PROVEN_ASSETS);
  const { decayIndex } = mandate;
  const covarianceTriangle = figures.triangles[decayIndex] as bigint[];
  const allocation: Allocation = allocate({ triangle: covarianceTriangle, decayIndex, mandate });
  const { kappa } = allocation;
  const facts = { ...packMandate(mandate), ...packAllocation(allocation), covarianceTriangle, kappa };
  const statement = parityStatement(facts);
  return { statement, input: parityInput(facts, statement) };
}
