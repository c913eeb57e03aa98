/** A deployment on three local chains, and what may be changed about it afterwards: what the doctor has to find. */
import { type Deployment, hubOf, receiptOf } from "@equipoise/sdk/actions";
import { type Abi, type Address, encodeAbiParameters, encodeFunctionData, type Hex, parseAbiParameters } from "viem";
import type { Chain } from "../../relayer/src/chains/index.ts";
import {
  deployContract,
  deployNetworks,
  executorConfigOf,
  type Finding,
  packageArtifact,
  parseDeployConfig,
  planNetworks,
  ulnConfigOf,
} from "../../relayer/src/deploy/index.ts";
import { endpointAbi, oappAbi, receiveLibraryAbi, sendLibraryAbi } from "../../relayer/src/layerzero/abi.ts";
import { askNode } from "./localFeeds.ts";
import { type NetworksFixture, startNetworks } from "./networksFixture.ts";

export let fixture: NetworksFixture;
export let deployment: Deployment;
let snapshots: unknown[];
export const hubChain = () => fixture.chains[0] as Chain;
export const spokeChain = () => fixture.chains[1] as Chain;
export const hub = () => hubOf(deployment);
export const spoke = () => deployment.chains[1] as Deployment["chains"][number];
export const beacon = () => hub().riskBeacon;
/** LayerZero's own, from its package. */
const LIBRARIES = "@layerzerolabs/lz-evm-messagelib-v2/artifacts/contracts/uln/uln302";

export const ask = (chain: Chain, method: string, params: unknown[]): Promise<unknown> =>
  askNode({ chain }, method, params);

/** Deploys on three local chains; to be awaited before anything else here. */
export async function startDoctor(): Promise<void> {
  fixture = await startNetworks();
  const { config, networks, chains, accounts, record } = fixture;
  const plan = planNetworks(parseDeployConfig(config), networks, accounts.deployer.address);
  const progress = () => undefined;
  deployment = await deployNetworks({ plan, chains, account: accounts.deployer, path: record, progress });
}

/** Where the chains are now is what they go back to. */
export async function markChains(): Promise<void> {
  snapshots = await Promise.all(fixture.chains.map((chain) => ask(chain, "evm_snapshot", [])));
}
export async function goBack(): Promise<void> {
  await Promise.all(fixture.chains.map((chain, place) => ask(chain, "evm_revert", [snapshots[place]])));
}

/** What is found. */
export const factsOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ check, fact }) => `${check}: ${fact}`);

type AnyCall = {
  readonly address: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
};

/** Does as the governor of a chain would once its delay is over. */
export async function govern(chain: Chain, { address, abi, functionName, args }: AnyCall, as?: Address): Promise<void> {
  const from = as ?? hub().governor; // the same address on every chain
  await ask(chain, "anvil_impersonateAccount", [from]);
  await ask(chain, "anvil_setBalance", [from, "0xde0b6b3a7640000"]);
  const data = encodeFunctionData({ abi, functionName, args });
  const hash = (await ask(chain, "eth_sendTransaction", [{ from, to: address, data, gas: "0x1e8480" }])) as Hex;
  // viem waits for a block of a higher number, which does not come after going back to a snapshot
  const { status } = await receiptOf(chain.reader, hash);
  if (status !== "success") throw new Error(`${functionName} reverted`);
}

const ulnParameters = parseAbiParameters("(uint64,uint8,uint8,uint8,address[],address[])");
type Verifiers = {
  readonly required?: readonly Address[];
  readonly optionalCount?: number;
  readonly confirmations?: bigint;
};

/** Changes whom an application believes. */
function setVerifiers(chain: Chain, oapp: Address, library: Address, eid: number, changed: Verifiers): Promise<void> {
  const { required = hub().layerZero.verifiers, optionalCount = 255, confirmations = 2n } = changed;
  const sorted = required.toSorted((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1));
  const words = [confirmations, sorted.length, optionalCount, 0, sorted, []] as const;
  const config = [{ eid, configType: 2, config: encodeAbiParameters(ulnParameters, [words]) }];
  const { endpoint } = hub().layerZero;
  return govern(chain, {
    address: endpoint,
    abi: endpointAbi,
    functionName: "setConfig",
    args: [oapp, library, config],
  });
}

export const ofSender = (changed: Verifiers) =>
  setVerifiers(hubChain(), beacon(), hub().layerZero.sendLibrary, spoke().eid, changed);
export const ofReceiver = (changed: Verifiers) =>
  setVerifiers(spokeChain(), spoke().riskState, spoke().layerZero.receiveLibrary, hub().eid, changed);
export const onEndpoint = (functionName: string, ...args: unknown[]) => ({
  address: hub().layerZero.endpoint,
  abi: endpointAbi as Abi,
  functionName,
  args,
});
export const onBeacon = (functionName: string, ...args: unknown[]) => ({
  address: beacon(),
  abi: oappAbi as Abi,
  functionName,
  args,
});

/** A library of LayerZero's that its endpoint knows and that serves a path, and is not the deployment's. */
export async function anotherLibrary(
  chain: Chain,
  contract: "SendUln302" | "ReceiveUln302",
  eid: number,
): Promise<Address> {
  const { investor, layerZero: owner } = fixture.accounts;
  const { layerZero } = hub();
  const sends = contract === "SendUln302";
  const abi: Abi = sends ? sendLibraryAbi : receiveLibraryAbi;
  const artifact = packageArtifact(`${LIBRARIES}/${contract}.sol/${contract}.json`);
  const args = sends ? [layerZero.endpoint, 100_000n, 0n] : [layerZero.endpoint];
  const address = await deployContract(chain.signer(investor), artifact, args);
  const defaults = (functionName: string, config: object) =>
    govern(chain, { address, abi, functionName, args: [[{ eid, config }]] }, investor.address);
  await defaults("setDefaultUlnConfigs", ulnConfigOf(layerZero, 2));
  if (sends) await defaults("setDefaultExecutorConfigs", executorConfigOf(layerZero));
  await govern(chain, onEndpoint("registerLibrary", address), owner.address);
  return address;
}
