import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KeyManifest } from "@equipoise/circuits";
import { CIRCUITS, type CircuitName } from "@equipoise/sdk";
import type { ChainDeployment, Deployment } from "@equipoise/sdk/actions";
import { type Address, isAddressEqual, keccak256, parseAbi, zeroAddress } from "viem";
import { getCode, readContract } from "viem/actions";
import { forgeRuntime } from "../deploy/artifact.ts";
import { isDevelopmentChain } from "../deploy/developmentChain.ts";
import { hasCode } from "../deploy/diffPlan.ts";
import type { Finding } from "../deploy/finding.ts";
import { VERIFIERS } from "../deploy/verifiers.ts";
import { endpointAbi } from "../layerzero/abi.ts";
import type { ExaminedSite } from "./examine.ts";

const vaultAbi = parseAbi([
  "function governor() view returns (address)",
  "function riskState() view returns (address)",
  "function verifier() view returns (address)",
  "function desk() view returns (address)",
]);
type VaultField = (typeof vaultAbi)[number]["name"];
const verifierAbi = parseAbi([
  "function developmentKey() view returns (bool)",
  "function keyHash() view returns (bytes32)",
]);

const KEYS = join(import.meta.dirname, "../../../build/keys");
const GENERATED = join(import.meta.dirname, "../../../contracts/generated");

/**
 * Whether every contract is there, is the one that was compiled, and relies on keys that its chain may have.
 * @param keys the folder of the keys that are made here
 */
export async function codeFindings(
  { chain, site }: ExaminedSite,
  deployment: Deployment,
  keys = KEYS,
): Promise<Finding[]> {
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
  const { desk } = deployment.clearing ?? {};
  const { governor, riskState, parityVerifier: verifier } = site;
  for (const { mandate, vault } of site.vaults) {
    const ofVault = site.role === "hub" && desk?.mandate === mandate ? desk.vaultDesk : zeroAddress;
    const expectations = { governor, riskState, verifier, desk: ofVault };
    for (const [field, expected] of Object.entries(expectations) as [VaultField, Address][]) {
      const actual = await readContract(reader, { address: vault, abi: vaultAbi, functionName: field });
      if (isAddressEqual(actual, expected)) continue;
      const fact = `the ${mandate} vault's ${field} is ${actual}, the deployment says ${expected}`;
      findings.push(found("vault", fact, "do not use this vault: nobody can change that; deploy under another name"));
    }
  }
  const development = await isDevelopmentChain(reader);
  const verifiers = verifiersOn(site, deployment);
  for (const circuit of CIRCUITS) {
    const [contract, address] = [VERIFIERS[circuit], verifiers[circuit]];
    if (address === undefined) continue;
    const code = (await getCode(reader, { address })) ?? "0x";
    if (keccak256(code) !== keccak256(forgeRuntime(contract))) {
      const fact = `the code of ${contract} at ${address} is not what contracts/generated compiles to`;
      findings.push(found("verifier", fact, "trust no proof here; deploy the verifier of this key under another name"));
      continue;
    }
    const reads = { address, abi: verifierAbi } as const;
    const keyHash = await readContract(reader, { ...reads, functionName: "keyHash" });
    const hashes = manifestHashes(circuit, keyHash, keys);
    if (hashes === undefined) {
      const fact = `${contract} has the key ${keyHash}, which no ${circuit} key in build/keys has`;
      findings.push(found("key", fact, "run npm run build:keys, or deploy the verifier of the key that is used"));
    } else if (hashes.verifier !== sha256(readFileSync(join(GENERATED, `${contract}.sol`)))) {
      const fact = `contracts/generated/${contract}.sol is not the one that the key's manifest names`;
      findings.push(found("manifest", fact, "run npm run build:keys; deploy the verifier that it writes"));
    }
    if (!development && (await readContract(reader, { ...reads, functionName: "developmentKey" }))) {
      const fact = `${contract} at ${address} has a development key, with which anyone can prove anything`;
      findings.push(found("development key", fact, "move what it guards; deploy with keys of a ceremony"));
    }
  }
  return findings;
}

function contractsOn(site: ChainDeployment, { clearing, factory }: Deployment): [string, Address][] {
  const named: [string, Address][] = [["factory", factory]];
  const add = (holder: object, prefix = ""): void => {
    for (const [name, value] of Object.entries(holder))
      if (typeof value === "string" && value.startsWith("0x")) named.push([`${prefix}${name}`, value as Address]);
  };
  add(site);
  add(site.layerZero, "layerZero.");
  add(site.cash, "cash.");
  for (const { mandate, vault } of site.vaults) add({ [mandate]: vault }, "vaults.");
  for (const token of site.tokens) add({ [token.symbol]: token.address }, "tokens.");
  for (const [lane, source] of site.priceSources.entries()) add({ [lane]: source }, "priceSources.");
  for (const [place, verifier] of site.layerZero.verifiers.entries())
    add({ [place]: verifier }, "layerZero.verifiers.");
  if (clearing === undefined) return named;
  if (site.role === "hub") {
    add(clearing, "clearing.");
    add(clearing.desk ?? {}, "clearing.desk.");
  }
  for (const gate of clearing.gates) if (gate.eid === site.eid) add(gate, "clearing.gate.");
  return named;
}

/** On the hub the verifiers of clearing too. */
function verifiersOn(site: ChainDeployment, { clearing }: Deployment): Partial<Record<CircuitName, Address>> {
  const parity = site.parityVerifier;
  if (site.role === "spoke") return { parity };
  const covariance = site.covarianceVerifier;
  if (clearing === undefined) return { parity, covariance };
  const { riskArrayVerifier: riskArray, marginVerifier: margin, solvencyVerifier: solvency } = clearing;
  return { parity, covariance, riskArray, margin, solvency };
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** What the manifest of the key with this hash says of its files; nothing where none here has it, or its file is another. */
function manifestHashes(circuit: CircuitName, keyHash: string, keys: string): KeyManifest["hashes"] | undefined {
  const paths = globSync(`${circuit}_full-*/manifest.json`, { cwd: keys });
  const manifests = paths.map((path) => ({
    ...(JSON.parse(readFileSync(join(keys, path), "utf8")) as KeyManifest),
    isFileThere: `0x${sha256(readFileSync(join(keys, dirname(path), "vkey.json")))}` === keyHash,
  }));
  return manifests.find(({ hashes, isFileThere }) => isFileThere && `0x${hashes.vkey}` === keyHash)?.hashes;
}
