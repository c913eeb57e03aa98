import { unpackObservations } from "../model/returns.ts";
import { riskFigures } from "../model/riskState.ts";
import { DECAYS, SIZES, type Size, statementLength } from "../protocol.ts";
import { absorb, initialCapacity, sponge, toField } from "./sponge.ts";
import { type Statement, statementOf } from "./statement.ts";

/** What a covariance statement says, before it is words. */
export type CovarianceFacts = {
  /** windowLength words of signed lanes, oldest first {ppm} */
  readonly observations: readonly bigint[];
  /** one word of lanes {ppm per observation} */
  readonly volatilities: bigint;
  /** words of signed lanes, pairs i < j row major {ppm} */
  readonly correlations: readonly bigint[];
  /** one triangle per decay of the menu, exact integers, row major i ≤ j {ppm² · decay} */
  readonly covarianceTriangles: readonly (readonly bigint[])[];
};

/**
 * Commitment to a window: the covariance statement's sponge once it has absorbed the observations, which come first and
 * fill whole blocks.
 */
export function windowCommitmentOf(observations: readonly bigint[], size: Size = SIZES.full): bigint {
  if (observations.length !== size.windowLength) {
    throw new RangeError(
      `${observations.length} observations given; a window has ${size.windowLength}: pass all of it`,
    );
  }
  return absorb(initialCapacity("covarianceStatement", statementLength("covariance", size)), observations);
}

/** Sponge of a covariance triangle. */
export const covarianceCommitmentOf = (triangle: readonly bigint[]): bigint =>
  sponge("covarianceTriangle", triangle.map(toField));

/** What the model says of a full window of observation words. */
export function covarianceFactsOf(observations: readonly bigint[]): CovarianceFacts {
  const { volatilitiesWord, correlationsWords, triangles } = riskFigures(unpackObservations(observations));
  return {
    observations,
    volatilities: volatilitiesWord,
    correlations: correlationsWords,
    covarianceTriangles: triangles,
  };
}

/** The statement of an accepted risk state: SYSTEM §4. */
export function covarianceStatement(facts: CovarianceFacts, size: Size = SIZES.full): Statement {
  if (facts.covarianceTriangles.length !== DECAYS.length) {
    throw new RangeError(`${facts.covarianceTriangles.length} triangles given; the menu has ${DECAYS.length} decays`);
  }
  const words = [
    ...facts.observations,
    facts.volatilities,
    ...facts.correlations,
    windowCommitmentOf(facts.observations, size),
    ...facts.covarianceTriangles.map(covarianceCommitmentOf),
  ];
  return statementOf("covariance", words, size);
}

/** Inputs of the circuit's witness; field elements as decimal strings, as snarkjs takes them. */
export const covarianceInput = (facts: CovarianceFacts, statement: Statement) => ({
  observations: facts.observations.map(String),
  volatilities: String(facts.volatilities),
  correlations: facts.correlations.map(String),
  challenge: String(statement.challenge),
  evaluation: String(statement.evaluation),
});
