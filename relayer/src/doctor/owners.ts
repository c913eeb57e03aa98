import type { Deployment } from "@equipoise/sdk/actions";
import { type Address, isAddressEqual, keccak256, parseAbi, toHex, zeroHash } from "viem";
import { readContract } from "viem/actions";
import type { Finding } from "../deploy/finding.ts";
import { endpointAbi, oappAbi } from "../layerzero/abi.ts";
import type { ExaminedSite } from "./examine.ts";
import type { Application } from "./paths.ts";

const timelockAbi = parseAbi([
  "function getMinDelay() view returns (uint256)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);
/** Roles of the timelock that must not be the deployer's. */
const ROLES = [
  { name: "administrator", role: zeroHash },
  { name: "proposer", role: keccak256(toHex("PROPOSER_ROLE")) },
  { name: "canceller", role: keccak256(toHex("CANCELLER_ROLE")) },
] as const;

/** Who may change an application: its owner and its delegate are the timelock. */
export async function ownerFindings(
  { name, oapp, site, chain: { reader, chainId } }: Application,
  { deployer }: Deployment,
): Promise<Finding[]> {
  const found = (check: string, fact: string, fix: string): Finding => ({ chainId, check, fact, fix });
  const { governor, layerZero } = site;
  const findings: Finding[] = [];
  const named = (address: Address): string => (isAddressEqual(address, deployer) ? `the deployer ${address}` : address);
  const owner = await readContract(reader, { address: oapp, abi: oappAbi, functionName: "owner" });
  if (!isAddressEqual(owner, governor)) {
    const fix = `let it call transferOwnership(${governor})`;
    findings.push(found("owner", `${name} belongs to ${named(owner)}, not to the governor`, fix));
  }
  const onEndpoint = { address: layerZero.endpoint, abi: endpointAbi } as const;
  const delegate = await readContract(reader, { ...onEndpoint, functionName: "delegates", args: [oapp] });
  if (!isAddressEqual(delegate, governor)) {
    const fix = `let its owner call setDelegate(${governor})`;
    findings.push(found("delegate", `${name} is configured by ${named(delegate)}, not by the governor`, fix));
  }
  return findings;
}

/** A chain's governor: a timelock with a delay, and the deployer has no part in it. */
export async function governorFindings(
  { site: { governor }, chain: { reader, chainId } }: ExaminedSite,
  { deployer }: Deployment,
): Promise<Finding[]> {
  const found = (fact: string, fix: string): Finding => ({ chainId, check: "governor", fact, fix });
  const findings: Finding[] = [];
  const timelock = { address: governor, abi: timelockAbi } as const;
  for (const { name, role } of ROLES) {
    if (!(await readContract(reader, { ...timelock, functionName: "hasRole", args: [role, deployer] }))) continue;
    findings.push(found(`the deployer is ${name} of the governor`, "revoke the role through the timelock"));
  }
  if ((await readContract(reader, { ...timelock, functionName: "getMinDelay" })) === 0n) {
    findings.push(
      found("the governor has no delay", "let it update its delay: holders must be able to leave before a change"),
    );
  }
  return findings;
}
