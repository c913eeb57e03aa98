import type { Statement } from "@equipoise/sdk";
import type { Proof } from "@equipoise/sdk/prover";
import { StepFailed } from "../stepFailed.ts";

/** Who makes proofs. `prove` of `@equipoise/sdk/prover` is one, given its keys. */
export type ProverPort = {
  readonly prove: (statement: Statement, input: object) => Promise<MadeProof>;
  /** Takes back what was ordered of a circuit and is not begun, but for these commitments. Who makes proofs at once has no orders. */
  readonly keepOnly?: (circuit: Statement["circuit"], commitments: readonly bigint[]) => Promise<void>;
};

/** A proof and what it took {ms}. */
export type MadeProof = { readonly proof: Proof; readonly witnessMs: number; readonly proveMs: number };

/** A proof was ordered and is not there yet. */
export class ProofAwaited extends StepFailed {
  override name = "ProofAwaited";
  constructor(circuit: string) {
    super(`a ${circuit} proof is being made; the step goes on when it is there`, { retry: true });
  }
}
