import type { Statement } from "@equipoise/sdk";
import { CallReverted, type Sent } from "@equipoise/sdk/actions";
import type { Proof } from "@equipoise/sdk/prover";
import { StepFailed } from "../stepFailed.ts";
import type { Store } from "../store/store.ts";
import type { MadeProof, ProverPort } from "./proverPort.ts";

/** A proof as a step got it. */
export type ObtainedProof = MadeProof & { readonly circuit: string; readonly reused: boolean };

type ProofSources = { readonly prover: ProverPort; readonly store: Store };

/**
 * Sends what needs the proof of a statement. A proof is kept before it is used, so a run that ends in between does not make
 * it again. A kept proof that the chain does not believe was made with other keys: it is made anew, once.
 * @param isStill whether the chain would still form this statement: of what anybody may change, another is not believed either
 */
export async function useProof(
  sources: ProofSources,
  statement: Statement,
  input: object,
  send: (proof: Proof) => Promise<Sent>,
  isStill: () => Promise<boolean> = async () => true,
): Promise<{ readonly proof: ObtainedProof; readonly sent: Sent }> {
  const proof = await obtainProof(sources, statement, input);
  try {
    return { proof, sent: await send(proof.proof) };
  } catch (error) {
    const disbelieved = error instanceof CallReverted && error.reason === "StatementNotProven";
    if (!disbelieved) throw error;
    if (!(await isStill()))
      throw new StepFailed(`the ${statement.circuit} statement is of before: what it is of has changed`, {
        retry: true,
        cause: error,
      });
    if (!proof.reused) throw error;
    await sources.store.forgetProof(statement.circuit, statement.commitment);
    return useProof(sources, statement, input, send, isStill);
  }
}

/** A proof of a statement: the kept one, or a new one that is kept. */
export async function obtainProof(
  { prover, store }: ProofSources,
  statement: Statement,
  input: object,
): Promise<ObtainedProof> {
  const { circuit, commitment } = statement;
  const kept = await store.proof(circuit, commitment);
  if (kept !== undefined) return { ...kept, circuit, reused: true };
  const { proof, witnessMs, proveMs } = await prover.prove(statement, input);
  await store.keepProof(circuit, commitment, { proof, witnessMs, proveMs });
  return { proof, witnessMs, proveMs, circuit, reused: false };
}
