import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ChainDeployment, type Deployment, hubOf } from "@equipoise/sdk/actions";
import { type Address, isAddressEqual, keccak256, parseAbi } from "viem";
import { getCode, readContract } from "viem/actions";
import { forgeRuntime } from "../deploy/artifact.ts";
import { isDevelopmentChain } from "../deploy/developmentChain.ts";
import { hasCode } from "../deploy/diffPlan.ts";
import type { Finding } from "../deploy/finding.ts";
import { endpointAbi } from "../layerzero/abi.ts";
import type { ExaminedSite } from "./examine.ts";

const vaultAbi = parseAbi([
  "function governor() view returns (address)",
  "function riskState() view returns (address)",
  "function verifier() view returns (address)",
]);
const verifierAbi = parseAbi([
  "function developmentKey() view returns (bool)",
  "function keyHash() view returns (bytes32)",
]);

/** Whether every contract is there, is the one that was compiled, and relies on keys that its chain may have. */
export async function codeFindings({ chain, site }: ExaminedSite, deployment: Deployment): Promise<Finding[]> {
  const { reader, chainId } = chain;
  const found = (check: string, fact: string, fix: string): Finding => ({ chainId, check, fact, fix });
  const findings: Finding[] = [];
  for (const [name, address] of contractsOn(site, deployment)) {
    if (await hasCode(reader, address)) continue;
    findings.push(
      found("code", `${name} at ${address} has no code`, "run equipoise deploy again, or correct the file"),
    );
  }
  if (findings.length > 0) return findings;

  const eid = await readContract(reader, { address: site.layerZero.endpoint, abi: endpointAbi, functionName: "eid" });
  if (eid !== site.eid) {
    findings.push(found("eid", `the endpoint is of ${eid}, the deployment says ${site.eid}`, "correct the network"));
  }
  for (const field of ["governor", "riskState", "verifier"] as const) {
    const expected = field === "verifier" ? site.parityVerifier : site[field];
    const actual = await readContract(reader, { address: site.vault, abi: vaultAbi, functionName: field });
    if (isAddressEqual(actual, expected)) continue;
    const fact = `the vault's ${field} is ${actual}, the deployment says ${expected}`;
    findings.push(found("vault", fact, "do not use this vault: nobody can change that; deploy under another name"));
  }
  const development = await isDevelopmentChain(reader);
  for (const { contract, circuit, address } of verifiersOn(site, deployment)) {
    const code = (await getCode(reader, { address })) ?? "0x";
    if (keccak256(code) !== keccak256(forgeRuntime(contract))) {
      const fact = `the code of ${contract} at ${address} is not what contracts/generated compiles to`;
      findings.push(found("verifier", fact, "trust no proof here; deploy the verifier of this key under another name"));
      continue;
    }
    const reads = { address, abi: verifierAbi } as const;
    const keyHash = await readContract(reader, { ...reads, functionName: "keyHash" });
    if (!manifestHas(circuit, keyHash)) {
      const fact = `${contract} has the key ${keyHash}, which no manifest of ${circuit} in build/keys has`;
      findings.push(found("key", fact, "run npm run build:keys, or deploy the verifier of the key that is used"));
    }
    if (!development && (await readContract(reader, { ...reads, functionName: "developmentKey" }))) {
      const fact = `${contract} at ${address} has a development key, with which anyone can prove anything`;
      findings.push(found("development key", fact, "move what it guards; deploy with keys of a ceremony"));
    }
  }
  return findings;
}

function contractsOn(site: ChainDeployment, { clearing, chains, factory }: Deployment): [string, Address][] {
  const named: [string, Address][] = [["factory", factory]];
  const add = (holder: object, prefix = ""): void => {
    for (const [name, value] of Object.entries(holder))
      if (typeof value === "string" && value.startsWith("0x")) named.push([`${prefix}${name}`, value as Address]);
  };
  add(site);
  add(site.layerZero, "layerZero.");
  add(site.cash, "cash.");
  for (const token of site.tokens) add({ [token.symbol]: token.address }, "tokens.");
  for (const [lane, source] of site.priceSources.entries()) add({ [lane]: source }, "priceSources.");
  for (const [place, verifier] of site.layerZero.verifiers.entries())
    add({ [place]: verifier }, "layerZero.verifiers.");
  if (clearing === undefined) return named;
  const hub = chains.find(({ role }) => role === "hub");
  if (hub?.eid === site.eid) add(clearing, "clearing.");
  for (const gate of clearing.gates) if (gate.eid === site.eid) add(gate, "clearing.gate.");
  return named;
}

type DeployedVerifier = { readonly contract: string; readonly circuit: string; readonly address: Address };

function verifiersOn(site: ChainDeployment, deployment: Deployment): DeployedVerifier[] {
  const verifiers = [{ contract: "ParityVerifier", circuit: "parity_full", address: site.parityVerifier }];
  if (site.role === "spoke") return verifiers;
  const { covarianceVerifier } = hubOf(deployment);
  verifiers.push({ contract: "CovarianceVerifier", circuit: "covariance_full", address: covarianceVerifier });
  const { clearing } = deployment;
  if (clearing === undefined) return verifiers;
  const { riskArrayVerifier, marginVerifier } = clearing;
  return [
    ...verifiers,
    { contract: "RiskArrayVerifier", circuit: "riskArray_full", address: riskArrayVerifier },
    { contract: "MarginVerifier", circuit: "margin_full", address: marginVerifier },
  ];
}

const keyFolder = join(import.meta.dirname, "../../../build/keys");

/** Whether a key that was made here has this hash: SHA-256 of its file, which is looked at rather than believed. */
function manifestHas(circuit: string, keyHash: string): boolean {
  return globSync(`${circuit}-*/vkey.json`, { cwd: keyFolder }).some((path) => {
    const text = readFileSync(join(keyFolder, path));
    return `0x${createHash("sha256").update(text).digest("hex")}` === keyHash;
  });
}
