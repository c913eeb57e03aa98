import { type CircuitArtifacts, fullArtifacts } from "@equipoise/circuits";
import { CIRCUITS, type Statement } from "@equipoise/sdk";
import { prove, verify } from "@equipoise/sdk/prover";
import type { Logger } from "pino";
import { JobHopeless } from "../database/jobs.ts";
import type { relayerMetrics } from "./metrics.ts";
import { type CheckedProver, type ProofWork, workProofs } from "./proofJobs.ts";

/** Proves what the roles order: of margins a desk's alone, those of trades are made by those who trade. */
async function circuitProver(): Promise<CheckedProver> {
  const artifacts: Partial<Record<Statement["circuit"], CircuitArtifacts>> = await fullArtifacts(CIRCUITS);
  const artifactsOf = ({ circuit }: Pick<Statement, "circuit">) => {
    const own = artifacts[circuit];
    if (own === undefined) throw new JobHopeless(`no ${circuit} circuit is here`);
    return own;
  };
  return {
    prove: async (statement, input) => prove(statement, input, artifactsOf(statement)),
    verify: async (statement, proof) => verify(statement, proof, artifactsOf(statement).verificationKey),
  };
}

type Told = { readonly metrics: ReturnType<typeof relayerMetrics>; readonly log: Logger };

/** The role `prover`: an order says all that its proof needs, so neither a chain nor a key is asked for. */
export async function takeProofs(work: Pick<ProofWork, "jobs" | "store">, { metrics, log }: Told): Promise<void> {
  await workProofs({
    ...work,
    prover: await circuitProver(),
    onProof: (ms) => {
      metrics.proofs.observe(ms / 1000);
      log.info({ ms: Math.round(ms) }, "proof");
    },
    onWrong: ({ message }) => log.error({ reason: message }, "proof"),
  });
}
