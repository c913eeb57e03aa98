import { covarianceInput, covarianceStatement, WINDOW_LENGTH } from "@equipoise/sdk";
import { acceptRisk, observationLogAbi, readLatestRiskIndex } from "@equipoise/sdk/actions";
import { runStep } from "../stepFailed.ts";
import { type Context, hubSite } from "./context.ts";
import { type ObtainedProof, useProof } from "./useProof.ts";
import { windowFacts } from "./windowFacts.ts";

export type AcceptedRisk = {
  /** of the newest risk state after the step; 0 while the log is too short */
  readonly index: bigint;
  /** nothing where the hub already had the newest window */
  readonly proof?: ObtainedProof;
  readonly gasUsed?: bigint;
};

/** Proves the risk state of the log's newest window and puts it on the hub. */
export function proveAndAcceptRisk(context: Context): Promise<AcceptedRisk> {
  return runStep("accept risk", async () => {
    const { chain, deployment } = hubSite(context);
    const { observationLog: address, riskState: riskOracle } = deployment;
    const [index, latest] = await Promise.all([
      chain.reader.readContract({ address, abi: observationLogAbi, functionName: "index" }),
      readLatestRiskIndex(chain.reader, { riskState: riskOracle }),
    ]);
    if (index <= latest || index < BigInt(WINDOW_LENGTH)) return { index: latest };
    const facts = await windowFacts(context, index);
    const statement = covarianceStatement(facts);
    const signer = chain.signer(context.accounts.relayer);
    const { proof, sent } = await useProof(context, statement, covarianceInput(facts, statement), (made) =>
      acceptRisk(signer, { riskOracle, index, statement, proof: made }),
    );
    return { index, proof, gasUsed: sent.gasUsed };
  });
}
