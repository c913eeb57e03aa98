import { addressToBytes32, type ChainDeployment, type Deployment, hubOf, revertDataOf } from "@equipoise/sdk/actions";
import { type Address, isAddressEqual, parseAbi, zeroAddress } from "viem";
import { readContract } from "viem/actions";
import { MESSAGE } from "../deploy/clearingPlan.ts";
import { hasCode } from "../deploy/diffPlan.ts";
import type { Finding } from "../deploy/finding.ts";
import { MESSAGE_RISK_STATE } from "../deploy/wirePath.ts";
import { endpointAbi, oappAbi, receiveLibraryAbi, sendLibraryAbi } from "../layerzero/abi.ts";
import { decodeReceiveOptions, OptionsMalformed } from "../layerzero/options.ts";
import type { ExaminedSite } from "./examine.ts";

/** An application of LayerZero on one chain. */
export type Application = ExaminedSite & { readonly name: string; readonly oapp: Address };

/** One way from an application to another, and the types of messages that go it. */
export type Path = { readonly from: Application; readonly to: Application; readonly messageTypes: readonly number[] };

/** Every application of a deployment. */
export function applicationsOf(sites: readonly ExaminedSite[], deployment: Deployment): Application[] {
  const { clearing } = deployment;
  return sites.flatMap((examined) => {
    const { site } = examined;
    const gate = clearing?.gates.find(({ eid }) => eid === site.eid);
    const own: [string, Address][] =
      site.role === "hub" ? [["RiskBeacon", site.riskBeacon]] : [["RiskMirror", site.riskState]];
    if (clearing !== undefined && site.role === "hub") own.push(["CollateralHub", clearing.collateralHub]);
    if (gate !== undefined) own.push(["CollateralGate", gate.collateralGate]);
    return own.map(([name, oapp]) => ({ ...examined, name, oapp }));
  });
}

/** Every way between chains that messages of a deployment go. */
export function pathsOf(sites: readonly ExaminedSite[], deployment: Deployment): Path[] {
  const hub = hubOf(deployment).eid;
  const applications = applicationsOf(sites, deployment);
  const onHub = (name: string) => applications.find((one) => one.name === name && one.site.eid === hub) as Application;
  return applications.flatMap((remote): Path[] => {
    if (remote.site.eid === hub) return [];
    if (remote.name === "RiskMirror") {
      return [{ from: onHub("RiskBeacon"), to: remote, messageTypes: [MESSAGE_RISK_STATE] }];
    }
    const central = onHub("CollateralHub");
    const messageTypes = Object.values(MESSAGE);
    return [
      { from: central, to: remote, messageTypes },
      { from: remote, to: central, messageTypes },
    ];
  });
}

/** Whether a path can only be what the deployment says, and carries what it must. */
export async function pathFindings(path: Path): Promise<Finding[]> {
  const findings = [
    ...(await peerFindings(path.from, path.to)),
    ...(await peerFindings(path.to, path.from)),
    ...(await libraryFindings(path)),
    ...(await verifierFindings(path)),
    ...(await executorFindings(path)),
    ...(await gasFindings(path)),
  ];
  return findings.length > 0 ? findings : quoteFindings(path);
}

const about =
  ({ chain: { chainId } }: Application, check: string) =>
  (fact: string, fix: string): Finding => ({ chainId, check, fact, fix });

async function peerFindings(own: Application, other: Application): Promise<Finding[]> {
  const found = about(own, "peer");
  const { eid } = other.site;
  const peer = await readContract(own.chain.reader, {
    address: own.oapp,
    abi: oappAbi,
    functionName: "peers",
    args: [eid],
  });
  const expected = addressToBytes32(other.oapp).toLowerCase();
  if (peer === expected) return [];
  const fact = `the peer of ${own.name} on ${eid} is ${peer}, the deployment says ${expected}`;
  return [found(fact, `let the governor call setPeer(${eid}, ${expected})`)];
}

async function libraryFindings({ from, to }: Path): Promise<Finding[]> {
  const findings: Finding[] = [];
  const sending = { address: from.site.layerZero.endpoint, abi: endpointAbi } as const;
  const sendArguments = [from.oapp, to.site.eid] as const;
  const [library, isDefault] = await Promise.all([
    readContract(from.chain.reader, { ...sending, functionName: "getSendLibrary", args: sendArguments }),
    readContract(from.chain.reader, { ...sending, functionName: "isDefaultSendLibrary", args: sendArguments }),
  ]);
  const { sendLibrary } = from.site.layerZero;
  if (isDefault || !isAddressEqual(library, sendLibrary)) {
    const what = isDefault ? "LayerZero's default" : `${library}, the deployment says ${sendLibrary}`;
    const fix = `let the governor call setSendLibrary(${from.oapp}, ${to.site.eid}, ${sendLibrary}) of the endpoint`;
    findings.push(about(from, "library")(`${from.name} sends to ${to.site.eid} by ${what}`, fix));
  }
  const [receiving, byDefault] = await readContract(to.chain.reader, {
    address: to.site.layerZero.endpoint,
    abi: endpointAbi,
    functionName: "getReceiveLibrary",
    args: [to.oapp, from.site.eid],
  });
  const { receiveLibrary } = to.site.layerZero;
  if (byDefault || !isAddressEqual(receiving, receiveLibrary)) {
    const what = byDefault ? "LayerZero's default" : `${receiving}, the deployment says ${receiveLibrary}`;
    const fix = `let the governor call setReceiveLibrary(${to.oapp}, ${from.site.eid}, ${receiveLibrary}, 0) of the endpoint`;
    findings.push(about(to, "library")(`${to.name} receives from ${from.site.eid} by ${what}`, fix));
  }
  return findings;
}

/** Verifiers of both sides: chosen, two or more, alive, none optional, and the same companies. */
async function verifierFindings({ from, to }: Path): Promise<Finding[]> {
  const config = (own: Application, address: Address, abi: typeof receiveLibraryAbi, eid: number) =>
    readContract(own.chain.reader, { address, abi, functionName: "getAppUlnConfig", args: [own.oapp, eid] });
  const sent = await config(from, from.site.layerZero.sendLibrary, receiveLibraryAbi, to.site.eid);
  const received = await config(to, to.site.layerZero.receiveLibrary, receiveLibraryAbi, from.site.eid);
  const findings: Finding[] = [];
  const sides = [
    { own: from, other: to, uln: sent, verb: "sends to" },
    { own: to, other: from, uln: received, verb: "receives from" },
  ];
  for (const { own, other, uln, verb } of sides) {
    const found = about(own, "verifiers");
    const fix = "let the governor call setConfig of the endpoint with the deployment's verifiers, all required";
    const { requiredDVNs: verifiers } = uln;
    if (verifiers.length === 0) {
      findings.push(found(`${own.name} ${verb} ${other.site.eid} with LayerZero's default verifiers`, fix));
      continue;
    }
    if (verifiers.length < 2) {
      findings.push(found(`${own.name} ${verb} ${other.site.eid} with one verifier, which alone is believed`, fix));
    }
    if (uln.optionalDVNCount !== NONE) {
      const fact = `${own.name} ${verb} ${other.site.eid} with ${uln.optionalDVNCount === 0 ? "LayerZero's default" : uln.optionalDVNCount} optional verifiers`;
      findings.push(found(fact, fix));
    }
    for (const verifier of verifiers) {
      if (await isAlive(own, other, verifier, own === from)) continue;
      findings.push(
        about(own, "dead verifier")(
          `${nameOf(own.site, verifier)} of ${own.name} ${verb} ${other.site.eid} verifies nothing`,
          fix,
        ),
      );
    }
  }
  if (findings.length > 0) return findings;
  const companies = ({ site }: Application, verifiers: readonly Address[]): string =>
    verifiers
      .map((verifier) => nameOf(site, verifier))
      .toSorted()
      .join(", ");
  const [sending, receiving] = [companies(from, sent.requiredDVNs), companies(to, received.requiredDVNs)];
  if (sending !== receiving) {
    const fact = `${from.name} pays ${sending}, and ${to.name} on chain ${to.chain.chainId} waits for ${receiving}`;
    const fix = "let the governors name the same companies on both sides: until then no message arrives";
    findings.push(about(from, "verifiers differ")(fact, fix));
  }
  if (sent.confirmations === 0n || sent.confirmations < received.confirmations) {
    const fact = `${from.name} asks for ${sent.confirmations} confirmations, and ${to.name} on chain ${to.chain.chainId} waits for ${received.confirmations}`;
    const fix = "let the governors set the same number on both sides, above 0";
    findings.push(about(from, "confirmations")(fact, fix));
  }
  return findings;
}

/** `optionalDVNCount` that says: none. 0 would be LayerZero's default. */
const NONE = 255;

const nameOf = ({ layerZero }: ChainDeployment, verifier: Address): string => {
  const place = layerZero.verifiers.findIndex((known) => isAddressEqual(known, verifier));
  return layerZero.verifierNames[place] ?? `unknown verifier ${verifier}`;
};

const verifierAbi = parseAbi([
  "function getFee(uint32 dstEid, uint64 confirmations, address sender, bytes options) view returns (uint256)",
]);

/** LayerZero marks paths that nobody verifies with a contract, or an address, that refuses every job. */
async function isAlive(own: Application, other: Application, verifier: Address, sends: boolean): Promise<boolean> {
  if (!(await hasCode(own.chain.reader, verifier))) return false;
  // On the receiving side a verifier is only an address that the library counts: its code is all there is to see.
  if (!sends) return true;
  return answers(() =>
    readContract(own.chain.reader, {
      address: verifier,
      abi: verifierAbi,
      functionName: "getFee",
      args: [other.site.eid, 1n, own.oapp, "0x"],
    }),
  );
}

async function answers(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (revertDataOf(error) === undefined) throw error;
    return false;
  }
}

async function executorFindings({ from, to }: Path): Promise<Finding[]> {
  const found = about(from, "executor");
  const { sendLibrary, executor } = from.site.layerZero;
  const [, chosen] = await readContract(from.chain.reader, {
    address: sendLibrary,
    abi: sendLibraryAbi,
    functionName: "executorConfigs",
    args: [from.oapp, to.site.eid],
  });
  if (isAddressEqual(chosen, executor)) return [];
  const what = isAddressEqual(chosen, zeroAddress) ? "LayerZero's default" : chosen;
  const fix = `let the governor call setConfig of the endpoint with the executor ${executor}`;
  return [found(`${from.name} pays ${what} for execution on ${to.site.eid}`, fix)];
}

async function gasFindings({ from, to, messageTypes }: Path): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const messageType of messageTypes) {
    const options = await readContract(from.chain.reader, {
      address: from.oapp,
      abi: oappAbi,
      functionName: "enforcedOptions",
      args: [to.site.eid, messageType],
    });
    if (gasOf(options) > 0n) continue;
    const fact = `messages of type ${messageType} from ${from.name} to ${to.site.eid} carry no gas of their own`;
    findings.push(about(from, "enforced options")(fact, "let the governor call setEnforcedOptions"));
  }
  return findings;
}

function gasOf(options: `0x${string}`): bigint {
  try {
    return decodeReceiveOptions(options).gas;
  } catch (error) {
    if (error instanceof OptionsMalformed) return 0n;
    throw error;
  }
}

const quoteAbi = parseAbi([
  "struct MessagingParams { uint32 dstEid; bytes32 receiver; bytes message; bytes options; bool payInLzToken; }",
  "function quote(MessagingParams params, address sender) view returns (uint256 nativeFee, uint256 lzTokenFee)",
]);

/** What is left: that the endpoint, the library and every worker together give a price for a message. */
async function quoteFindings({ from, to, messageTypes }: Path): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { eid } = to.site;
  for (const messageType of messageTypes) {
    const options = await readContract(from.chain.reader, {
      address: from.oapp,
      abi: oappAbi,
      functionName: "enforcedOptions",
      args: [eid, messageType],
    });
    const message = { dstEid: eid, receiver: addressToBytes32(to.oapp), message: "0x00" as const, options };
    const quoted = await answers(() =>
      readContract(from.chain.reader, {
        address: from.site.layerZero.endpoint,
        abi: quoteAbi,
        functionName: "quote",
        args: [{ ...message, payInLzToken: false }, from.oapp],
      }),
    );
    if (quoted) continue;
    const fact = `nobody gives a price for messages of type ${messageType} from ${from.name} to ${eid}`;
    findings.push(about(from, "quote")(fact, "ask the executor and the verifiers whether they serve this path"));
  }
  return findings;
}
