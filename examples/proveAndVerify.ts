/**
 * Proves a vault's weights on this machine and has the vault's contract verify them. Anyone may: the vault takes its mandate
 * and the risk from its own chain, so a proof of anything else is refused.
 */
import { allocationFacts, covarianceFactsOf, parityInput, parityStatement, unpackMandate } from "@equipoise/sdk";
import { CallReverted, equipoiseActions, readWindow, type WritingClient } from "@equipoise/sdk/actions";
import { type Artifacts, prove, verify } from "@equipoise/sdk/prover";
import type { Address, Client } from "viem";

export type ProveAndVerifyParameters = {
  /** signs on the vault's chain */
  readonly client: WritingClient;
  readonly vault: Address;
  readonly riskState: Address;
  /** where prices are observed; `fromBlock` is any block before the window */
  readonly hub: { readonly client: Client; readonly observationLog: Address; readonly fromBlock: bigint };
  /** of the parity circuit, as the deployment publishes them */
  readonly artifacts: Artifacts;
  readonly verificationKey: object;
};

export async function proveAndVerify(parameters: ProveAndVerifyParameters) {
  const { vault, riskState, hub, artifacts, verificationKey } = parameters;
  const client = parameters.client.extend(equipoiseActions({ vault, riskState }));

  // the facts: the newest proven window, as the hub's chain keeps it, and the rules the vault follows
  const index = await client.readLatestRiskIndex();
  const { observations } = await readWindow(hub.client, { ...hub, index });
  const mandate = unpackMandate(await client.readMandate());

  // the computation, here
  const triangle = covarianceFactsOf(observations).covarianceTriangles[mandate.decayIndex] ?? [];
  const { allocation, facts } = allocationFacts(mandate, triangle);
  const statement = parityStatement(facts);
  const { proof, proveMs } = await prove(statement, parityInput(facts, statement), artifacts);
  if (!(await verify(statement, proof, verificationKey))) throw new Error("the artifacts are not of this key");

  // the verification, on the vault's chain
  try {
    const { hash } = await client.allocate({ ...facts, index, statement, proof });
    return { index, allocation, proveMs, hash };
  } catch (error) {
    if (!(error instanceof CallReverted) || error.reason !== "AllocationNotNewer") throw error;
    const [, followed] = error.args;
    return { index: followed, allocation, proveMs }; // somebody was first: the weights are the same
  }
}
