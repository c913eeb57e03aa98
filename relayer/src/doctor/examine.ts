import type { ChainDeployment, Deployment } from "@equipoise/sdk/actions";
import type { Chain } from "../chains/chain.ts";
import type { Finding } from "../deploy/finding.ts";
import { StepFailed } from "../stepFailed.ts";
import { codeFindings } from "./code.ts";
import { governorFindings, ownerFindings } from "./owners.ts";
import { applicationsOf, pathFindings, pathsOf } from "./paths.ts";

/** A chain of a deployment and how it is reached. */
export type ExaminedSite = { readonly chain: Chain; readonly site: ChainDeployment };

/** Everything that is wrong with a deployment, as its chains are now. Reads only. */
export async function examine(chains: readonly Chain[], deployment: Deployment): Promise<Finding[]> {
  const sites = deployment.chains.map((site): ExaminedSite => {
    const chain = chains.find(({ chainId }) => chainId === site.chainId);
    if (chain !== undefined) return { chain, site };
    throw new StepFailed(`chain ${site.chainId} of the deployment is not connected; give its RPC URL`, {
      retry: false,
    });
  });
  const findings: Finding[] = [];
  for (const examined of sites) findings.push(...(await codeFindings(examined, deployment)));
  // Reading applications that are not there would only repeat what has been found.
  if (findings.some(({ check }) => check === "code")) return findings;
  for (const examined of sites) findings.push(...(await governorFindings(examined, deployment)));
  for (const application of applicationsOf(sites, deployment))
    findings.push(...(await ownerFindings(application, deployment)));
  for (const path of pathsOf(sites, deployment)) findings.push(...(await pathFindings(path)));
  return findings;
}
