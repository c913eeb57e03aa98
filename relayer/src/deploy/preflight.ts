import { type Address, isAddressEqual, parseAbi, parseEther } from "viem";
import { getBalance, getChainId, readContract } from "viem/actions";
import type { Chain } from "../chains/chain.ts";
import { endpointAbi, receiveViewAbi } from "../layerzero/abi.ts";
import { forgeArtifact } from "./artifact.ts";
import { isDevelopmentChain } from "./developmentChain.ts";
import { hasCode } from "./diffPlan.ts";
import type { Finding } from "./finding.ts";
import { CREATE2_DEPLOYER } from "./plan.ts";
import type { PlannedSite, SiteAssets } from "./protocolPlan.ts";
import { VERIFIERS } from "./verifiers.ts";

const decimalsAbi = parseAbi(["function decimals() view returns (uint8)"]);
/** {wei} what a chain with cheap gas asks for all of it; a dearer one says so itself */
const LEAST_BALANCE = parseEther("0.01");
/** Feeds have at most 18 decimals. */
const MOST_DECIMALS = 18;

/** What of a network, or of what the configuration says of it, is not as the plan takes it to be. Reads only. */
export async function preflight(chain: Chain, site: PlannedSite): Promise<Finding[]> {
  const { reader } = chain;
  const { chainId, eid, layerZero } = site;
  const found = (check: string, fact: string, fix: string): Finding => ({ chainId, check, fact, fix });
  const actual = await getChainId(reader);
  if (actual !== chainId)
    return [found("chain", `the RPC URL answers for chain ${actual}`, "give the URL of the chain")];
  const findings: Finding[] = [];

  const { verifiers, verifierNames, confirmations: _, ...contracts } = layerZero;
  const named: [string, Address][] = [
    ["the public CREATE2 deployer", CREATE2_DEPLOYER],
    ...Object.entries(contracts).map(([name, address]): [string, Address] => [`LayerZero's ${name}`, address]),
    ...verifiers.map((address, place): [string, Address] => [`verifier ${verifierNames[place]}`, address]),
    ...heldBy(site.assets),
  ];
  for (const [name, address] of named) {
    if (await hasCode(reader, address)) continue;
    findings.push(found("code", `${name} has no code at ${address}`, "correct the network or the configuration"));
  }
  if (findings.length > 0) return findings;

  const onEndpoint = { address: layerZero.endpoint, abi: endpointAbi } as const;
  const endpointEid = await readContract(reader, { ...onEndpoint, functionName: "eid" });
  if (endpointEid !== eid) {
    findings.push(found("eid", `the endpoint is of ${endpointEid}, the network says ${eid}`, "correct the network"));
  }
  for (const library of [layerZero.sendLibrary, layerZero.receiveLibrary]) {
    const args = [library] as const;
    if (await readContract(reader, { ...onEndpoint, functionName: "isRegisteredLibrary", args })) continue;
    findings.push(found("library", `the endpoint does not know the library ${library}`, "correct the network"));
  }
  const viewed = await readContract(reader, {
    address: layerZero.receiveView,
    abi: receiveViewAbi,
    functionName: "receiveUln302",
  });
  if (!isAddressEqual(viewed, layerZero.receiveLibrary)) {
    findings.push(found("library", `the receive view looks at the library ${viewed}`, "correct the network"));
  }
  findings.push(...(await assetFindings(chain, site.assets)));
  findings.push(...(await keyFindings(chain, site)));
  return findings;
}

/** Whether the deployer can pay for what is missing on a chain. Reads only. */
export async function balanceFindings({ reader, chainId }: Chain, deployer: Address): Promise<Finding[]> {
  const balance = await getBalance(reader, { address: deployer });
  if (balance >= LEAST_BALANCE) return [];
  const [fact, fix] = [`${deployer} has ${balance} wei`, `send it at least ${LEAST_BALANCE}`];
  return [{ chainId, check: "balance", fact, fix }];
}

const heldBy = (assets: SiteAssets): [string, Address][] =>
  assets.kind === "local"
    ? []
    : [
        ["cash", assets.cash.address],
        ...assets.tokens.map(({ symbol, address }): [string, Address] => [`the token ${symbol}`, address]),
        ...assets.feeds.map(({ feed }, lane): [string, Address] => [`feed ${lane}`, feed]),
      ];

async function assetFindings({ reader, chainId }: Chain, assets: SiteAssets): Promise<Finding[]> {
  if (assets.kind === "local") return [];
  const findings: Finding[] = [];
  const decimalsOf = (address: Address): Promise<number> =>
    readContract(reader, { address, abi: decimalsAbi, functionName: "decimals" });
  for (const { symbol, address, decimals } of [assets.cash, ...assets.tokens]) {
    const actual = await decimalsOf(address);
    if (actual === decimals) continue;
    const fact = `${symbol} at ${address} has ${actual} decimals, the configuration says ${decimals}`;
    findings.push({ chainId, check: "token", fact, fix: "correct the configuration" });
  }
  for (const { feed } of assets.feeds) {
    const actual = await decimalsOf(feed);
    if (actual <= MOST_DECIMALS) continue;
    const fact = `the feed ${feed} has ${actual} decimals`;
    findings.push({ chainId, check: "feed", fact, fix: `give one of at most ${MOST_DECIMALS}` });
  }
  return findings;
}

const keyAbi = parseAbi(["function developmentKey() view returns (bool)"]);

/** What the contracts would refuse: development keys, tokens and feeds where something of value may live. */
async function keyFindings({ reader, chainId }: Chain, { assets }: PlannedSite): Promise<Finding[]> {
  if (await isDevelopmentChain(reader)) return [];
  const findings: Finding[] = [];
  const fix = "deploy to a testnet, or with keys of a ceremony";
  for (const contract of Object.values(VERIFIERS)) {
    const { bytecode: code } = forgeArtifact(contract);
    // executed where it is not deployed: nothing is sent
    if (!(await readContract(reader, { code, abi: keyAbi, functionName: "developmentKey" }))) continue;
    findings.push({ chainId, check: "development key", fact: `${contract} has a key that anyone can forge with`, fix });
  }
  if (assets.kind === "local") {
    const fact = "test assets are for local chains and testnets";
    findings.push({ chainId, check: "test assets", fact, fix: "name tokens and feeds in the configuration" });
  }
  return findings;
}
