import { unpackLanes } from "../lanes.ts";
import { type Allocation, allocate, packAllocation } from "../model/allocation.ts";
import { triangleAssets } from "../model/covariance.ts";
import { divideNearest, divideUp } from "../model/integers.ts";
import { type Mandate, packMandate } from "../model/mandate.ts";
import { riskContributions, totalRisk } from "../model/riskContributions.ts";
import { KAPPA_UNIT, NORMALISED_TOTAL, SIZES, type Size, TERMS } from "../protocol.ts";
import { covarianceCommitmentOf } from "./covariance.ts";
import { toField } from "./sponge.ts";
import { type Statement, statementOf } from "./statement.ts";

/** What a parity statement says, before it is a commitment: words of lanes, and the triangle behind the last word. */
export type ParityFacts = {
  /** the mandate's words */
  readonly terms: bigint;
  readonly budgets: bigint;
  readonly caps: bigint;
  /** one word of lanes {ppm} */
  readonly weights: bigint;
  /** lanes of PORTFOLIO {ppm} */
  readonly portfolio: bigint;
  /** of the mandate's decay, row major i ≤ j {ppm² · decay} */
  readonly covarianceTriangle: readonly bigint[];
  /** 10⁶ κ, the hint of rule P-3; no part of the statement */
  readonly kappa: bigint;
};

/**
 * The allocation of a mandate, and what a statement says of it.
 * @param covarianceTriangle of the mandate's decay
 * @throws what `allocate` throws
 */
export function allocationFacts(
  mandate: Mandate,
  covarianceTriangle: readonly bigint[],
): { readonly allocation: Allocation; readonly facts: ParityFacts } {
  const { decayIndex } = mandate;
  const allocation = allocate({ triangle: covarianceTriangle, decayIndex, mandate });
  const { kappa } = allocation;
  return { allocation, facts: { ...packMandate(mandate), ...packAllocation(allocation), covarianceTriangle, kappa } };
}

/** The statement of an allocation: SYSTEM §5. */
export function parityStatement(facts: ParityFacts, size: Size = SIZES.full): Statement {
  const { terms, budgets, caps, weights, portfolio } = facts;
  const words = [terms, budgets, caps, weights, portfolio, covarianceCommitmentOf(facts.covarianceTriangle)];
  return statementOf("parity", words, size);
}

/**
 * κ′ as the circuit takes it: times the normaliser that brings total risk to [C, 2C), in units of KAPPA_UNIT, to nearest.
 * The rounding is below a thousandth of a ppm of total risk.
 */
function normalisedKappa({ terms, weights, covarianceTriangle, kappa }: ParityFacts): bigint {
  const assets = triangleAssets(covarianceTriangle);
  const shrinkage = unpackLanes(terms)[TERMS.indexOf("shrinkage")] as bigint;
  const lanes = unpackLanes(weights).slice(0, assets);
  const total = totalRisk(riskContributions(covarianceTriangle, shrinkage, lanes));
  if (total <= 0n) return kappa; // no witness exists, whatever κ is
  return divideNearest(kappa * divideUp(NORMALISED_TOTAL, total), KAPPA_UNIT);
}

/** Inputs of the circuit's witness; field elements as decimal strings, as snarkjs takes them. */
export const parityInput = (facts: ParityFacts, statement: Statement) => ({
  terms: String(facts.terms),
  budgets: String(facts.budgets),
  caps: String(facts.caps),
  weights: String(facts.weights),
  portfolio: String(facts.portfolio),
  covarianceTriangle: facts.covarianceTriangle.map((entry) => String(toField(entry))),
  kappa: String(normalisedKappa(facts)),
  challenge: String(statement.challenge),
  evaluation: String(statement.evaluation),
});
