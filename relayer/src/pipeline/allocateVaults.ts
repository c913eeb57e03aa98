import { type Allocation, allocationFacts, parityInput, parityStatement, unpackMandate } from "@equipoise/sdk";
import { allocate, readAllocation, readLatestRiskIndex, readMandate } from "@equipoise/sdk/actions";
import { runStep } from "../stepFailed.ts";
import { type Context, type VaultSite, vaultSitesOf } from "./context.ts";
import { type ObtainedProof, useProof } from "./useProof.ts";
import { windowFacts } from "./windowFacts.ts";

export type AllocatedVault = {
  readonly eid: number;
  readonly mandate: string;
  /** of the risk state the vault follows after the step; 0 before its chain has one */
  readonly index: bigint;
  /** nothing where the vault already followed the newest state under its mandate */
  readonly proof?: ObtainedProof;
  readonly allocation?: Allocation;
  readonly gasUsed?: bigint;
};

/**
 * Gives every vault weights proven for the newest risk state of its chain. Vaults of one mandate share one proof, on
 * whichever chains they are.
 */
export async function proveAndAllocate(context: Context): Promise<AllocatedVault[]> {
  const results: AllocatedVault[] = [];
  // One after the other: the second vault of a mandate finds the first one's proof.
  for (const site of vaultSitesOf(context)) results.push(await proveAndAllocateAt(context, site));
  return results;
}

/** The same for one vault. */
export const proveAndAllocateAt = (context: Context, site: VaultSite): Promise<AllocatedVault> =>
  runStep(`allocate ${site.mandate} on eid ${site.deployment.eid}`, () => allocateVault(context, site));

async function allocateVault(
  context: Context,
  { chain, deployment, mandate: name, vault }: VaultSite,
): Promise<AllocatedVault> {
  const of = { eid: deployment.eid, mandate: name };
  const [index, current, words] = await Promise.all([
    readLatestRiskIndex(chain.reader, deployment),
    readAllocation(chain.reader, { vault }),
    readMandate(chain.reader, { vault }),
  ]);
  const mandate = unpackMandate(words);
  const upToDate = current.index >= index && BigInt(current.mandateVersion) === mandate.version;
  if (index === 0n || upToDate) return { ...of, index: current.index };

  const { covarianceTriangles } = await windowFacts(context, index);
  const covarianceTriangle = covarianceTriangles[mandate.decayIndex] as readonly bigint[];
  const { allocation, facts } = allocationFacts(mandate, covarianceTriangle);
  const statement = parityStatement(facts);
  const signer = chain.signer(context.accounts.relayer);
  const { proof, sent } = await useProof(context, statement, parityInput(facts, statement), (made) =>
    allocate(signer, { vault, index, weights: facts.weights, portfolio: facts.portfolio, statement, proof: made }),
  );
  return { ...of, index, proof, allocation, gasUsed: sent.gasUsed };
}
