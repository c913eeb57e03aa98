import { decaySum } from "../protocol.ts";
import { correlations, covarianceTriangles, packCorrelations, packVolatilities, volatilities } from "./covariance.ts";

/** What a window says about risk. The commitments to it are made by the statement, not here. */
export type RiskFigures = {
  /** [decay][N(N+1)/2] {ppm² · decay} exact */
  triangles: bigint[][];
  /** {ppm per observation} of the first decay, rounded down */
  volatilities: bigint[];
  /** {ppm} of the first decay, pairs i < j row major, rounded down */
  correlations: bigint[];
  volatilitiesWord: bigint;
  correlationsWords: bigint[];
};

/**
 * Triangles of every decay, and volatilities and correlations of the first (rules C-2, C-4, C-5).
 * @param observedReturns {ppm} [T][N], oldest first; pad the assets of a log to its twelve lanes before
 */
export function riskFigures(observedReturns: readonly (readonly bigint[])[]): RiskFigures {
  const triangles = covarianceTriangles(observedReturns);
  const first = triangles[0] as bigint[];
  const sum = decaySum(0, observedReturns.length);
  const vols = volatilities(first, sum);
  const rhos = correlations(first, vols, sum);
  return {
    triangles,
    volatilities: vols,
    correlations: rhos,
    volatilitiesWord: packVolatilities(vols),
    correlationsWords: packCorrelations(rhos),
  };
}
