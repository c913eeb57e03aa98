import type { Allocation } from "../model/allocation.ts";
import { defaultMandate, type Mandate } from "../model/mandate.ts";
import { observedReturns, packObservations } from "../model/returns.ts";
import { LANE_COUNT, WINDOW_LENGTH } from "../protocol.ts";
import {
  allocationFacts,
  type CovarianceFacts,
  covarianceFactsOf,
  covarianceInput,
  covarianceStatement,
  type ParityFacts,
  parityInput,
  parityStatement,
  type Statement,
} from "../statements/index.ts";
import { simulateMarket } from "./simulatedMarket.ts";

/** Which simulated window. */
export type SimulatedWindowParameters = {
  /** of the market; 1 when left out */
  readonly seed?: number | undefined;
  /** assets that move, the other lanes are still; five when left out */
  readonly assets?: number | undefined;
};

/** A whole window as a log would have observed it. */
export type SimulatedWindow = {
  /** {s} of the newest observation */
  readonly endTime: number;
  /** {D18} [tick][asset], one more than there are observations */
  readonly prices: readonly (readonly bigint[])[];
  /** words, oldest first */
  readonly observations: readonly bigint[];
};

/** A statement with what `prove` takes beside it. */
export type ProvableStatement<facts> = {
  readonly facts: facts;
  readonly statement: Statement;
  readonly input: object;
};

/** More assets than lanes, or none. */
export class SimulatedAssetsOutOfRange extends Error {
  override name = "SimulatedAssetsOutOfRange";
  constructor(assets: number) {
    super(`${assets} assets are asked of a market of ${LANE_COUNT}; take 1 to ${LANE_COUNT}`);
  }
}

/** The same window for the same seed, on every machine. */
export function simulatedWindow({ seed = 1, assets = 5 }: SimulatedWindowParameters = {}): SimulatedWindow {
  if (!Number.isInteger(assets) || assets < 1 || assets > LANE_COUNT) throw new SimulatedAssetsOutOfRange(assets);
  const market = simulateMarket({ seed, ticks: WINDOW_LENGTH + 1 });
  const prices = market.prices.map((row) => row.slice(0, assets));
  return { endTime: market.times.at(-1) as number, prices, observations: packObservations(observedReturns(prices)) };
}

/** The risk state of a simulated window, ready to prove with the covariance circuit. */
export function simulatedRiskState(parameters: SimulatedWindowParameters = {}): ProvableStatement<CovarianceFacts> {
  const facts = covarianceFactsOf(simulatedWindow(parameters).observations);
  const statement = covarianceStatement(facts);
  return { facts, statement, input: covarianceInput(facts, statement) };
}

/**
 * The allocation of a mandate over a simulated window, ready to prove with the parity circuit.
 * @param mandate equal budgets for the assets when left out
 */
export function simulatedAllocation(
  parameters: SimulatedWindowParameters & { readonly mandate?: Mandate | undefined } = {},
): ProvableStatement<ParityFacts> & { readonly mandate: Mandate; readonly allocation: Allocation } {
  const { assets = 5, mandate = defaultMandate(assets) } = parameters;
  const { covarianceTriangles } = covarianceFactsOf(simulatedWindow(parameters).observations);
  const { allocation, facts } = allocationFacts(mandate, covarianceTriangles[mandate.decayIndex] as readonly bigint[]);
  const statement = parityStatement(facts);
  return { mandate, allocation, facts, statement, input: parityInput(facts, statement) };
}
