import { join } from "node:path";
import { repositoryRoot } from "./compile.ts";

/** The circuits that are shipped. The small sizes are for fast tests and have no verifier contract. */
export const circuits = {
  riskArray_full: { verifier: "RiskArrayVerifier" },
  solvency_full: { verifier: "SolvencyVerifier" },
  covariance_full: { verifier: "CovarianceVerifier" },
  margin_full: { verifier: "MarginVerifier" },
  parity_full: { verifier: "ParityVerifier" },
  riskArray_small: {},
  solvency_small: {},
  margin_small: {},
  covariance_small: {},
  parity_small: {},
} as const satisfies Record<string, { readonly verifier?: string }>;

export type CircuitName = keyof typeof circuits;
export const circuitNames = Object.keys(circuits) as CircuitName[];

/** Commitment, challenge and evaluation, whatever the circuit. */
export const PUBLIC_INPUTS = 3;

export const sourceOf = (name: CircuitName): string => join(repositoryRoot, "circuits/generated", `${name}.circom`);
export const circuitDirectory = join(repositoryRoot, "build/circuits");
export const keyDirectory = join(repositoryRoot, "build/keys");

/** The Solidity contract that checks the circuit's proofs. */
export const verifierOf = (name: CircuitName): string | undefined => {
  const circuit: { readonly verifier?: string } = circuits[name];
  return circuit.verifier;
};
