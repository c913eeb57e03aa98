import type { CircuitName } from "@equipoise/sdk";

/** The contract that checks a circuit's proofs. */
export const VERIFIERS = {
  covariance: "CovarianceVerifier",
  parity: "ParityVerifier",
  riskArray: "RiskArrayVerifier",
  margin: "MarginVerifier",
  solvency: "SolvencyVerifier",
} as const satisfies Record<CircuitName, string>;
