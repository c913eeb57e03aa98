import type { Statement } from "@equipoise/sdk";
import type { Proof } from "@equipoise/sdk/prover";
import type { Store } from "../store/store.ts";

/** Who makes proofs. `prove` of `@equipoise/sdk/prover` is one, given its keys. */
export type ProverPort = {
  readonly prove: (statement: Statement, input: object) => Promise<MadeProof>;
};

/** A proof and what it took {ms}. */
export type MadeProof = { readonly proof: Proof; readonly witnessMs: number; readonly proveMs: number };

/** A proof as a step got it. */
export type ObtainedProof = MadeProof & { readonly circuit: string; readonly reused: boolean };

/** The proof of a statement: kept from before, or made now and kept before it is used. */
export async function obtainProof(
  { prover, store }: { readonly prover: ProverPort; readonly store: Store },
  statement: Statement,
  input: object,
): Promise<ObtainedProof> {
  const { circuit, commitment } = statement;
  const kept = store.proof(circuit, commitment);
  if (kept !== undefined) return { ...kept, circuit, reused: true };
  const { proof, witnessMs, proveMs } = await prover.prove(statement, input);
  store.keepProof(circuit, commitment, { proof, witnessMs, proveMs });
  return { proof, witnessMs, proveMs, circuit, reused: false };
}
