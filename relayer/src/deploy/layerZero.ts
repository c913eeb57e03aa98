import { type ContractCall, contractCall, sendCall } from "@equipoise/sdk/actions";
import { type Address, parseAbi } from "viem";
import type { SigningClient } from "../chains/chain.ts";
import { endpointAbi, endpointViewAbi, receiveLibraryAbi, receiveViewAbi, sendLibraryAbi } from "../layerzero/abi.ts";
import type { LayerZeroAddresses } from "../layerzero/route.ts";
import { forgeArtifact, packageArtifact } from "./artifact.ts";
import { deployContract } from "./deployContract.ts";

// The code of these contracts stays in the npm packages: LayerZero licenses it, this repository only runs it.
const PROTOCOL = "@layerzerolabs/lz-evm-protocol-v2/artifacts/contracts";
const LIBRARIES = "@layerzerolabs/lz-evm-messagelib-v2/artifacts/contracts/uln/uln302";

const TREASURY_GAS_LIMIT = 100_000n;
const TREASURY_FEE_CAP = 0n;
const MAX_MESSAGE_BYTES = 10_000;
/** {wei} */
const VERIFIER_FEE = 10n ** 13n;
/** {wei} */
const EXECUTOR_FEE = 10n ** 13n;
/** {wei/gas} */
const EXECUTOR_GAS_PRICE = 10n ** 9n;

export type DeployLayerZeroParameters = {
  readonly eid: number;
  /** chains that messages go to and come from */
  readonly remoteEids: readonly number[];
  /** may speak for the local verifiers */
  readonly operator: Address;
  /** verifiers that must all sign; two when absent, as the public testnets ask for */
  readonly verifiers?: number;
  /** {blocks} a packet's own block counts as the first; 2 when absent */
  readonly confirmations?: number;
};

/**
 * Puts LayerZero V2 on a local chain: the real endpoint, ULN302 libraries and views, and our workers in the verifiers'
 * and the executor's seats, as the default configuration of every path.
 */
export async function deployLayerZero(
  client: SigningClient,
  parameters: DeployLayerZeroParameters,
): Promise<LayerZeroAddresses> {
  const { eid, remoteEids, operator, verifiers: count = 2, confirmations = 2 } = parameters;
  const owner = client.account.address;
  const endpoint = await deployContract(client, packageArtifact(`${PROTOCOL}/EndpointV2.sol/EndpointV2.json`), [
    eid,
    owner,
  ]);
  const sendLibrary = await deployContract(client, packageArtifact(`${LIBRARIES}/SendUln302.sol/SendUln302.json`), [
    endpoint,
    TREASURY_GAS_LIMIT,
    TREASURY_FEE_CAP,
  ]);
  const receiveLibrary = await deployContract(
    client,
    packageArtifact(`${LIBRARIES}/ReceiveUln302.sol/ReceiveUln302.json`),
    [endpoint],
  );
  const receiveView = await deployContract(
    client,
    packageArtifact(`${LIBRARIES}/ReceiveUln302View.sol/ReceiveUln302View.json`),
  );
  const endpointView = await deployContract(
    client,
    packageArtifact(`${PROTOCOL}/EndpointV2View.sol/EndpointV2View.json`),
  );
  const verifiers: Address[] = [];
  for (let place = 0; place < count; place++) {
    verifiers.push(await deployContract(client, forgeArtifact("LocalDVN"), [operator, VERIFIER_FEE]));
  }
  verifiers.sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1));
  const executor = await deployContract(client, forgeArtifact("LocalExecutor"), [EXECUTOR_FEE, EXECUTOR_GAS_PRICE]);

  const addresses = {
    endpoint,
    sendLibrary,
    receiveLibrary,
    endpointView,
    receiveView,
    verifiers,
    executor,
    confirmations,
  };
  for (const call of configuration(addresses, remoteEids)) await sendCall(client, call);
  return addresses;
}

/** The ULN configuration of a path: every verifier required. */
export const ulnConfigOf = ({ verifiers, confirmations }: LayerZeroAddresses) => ({
  confirmations: BigInt(confirmations),
  requiredDVNCount: verifiers.length,
  optionalDVNCount: 0,
  optionalDVNThreshold: 0,
  requiredDVNs: verifiers,
  optionalDVNs: [],
});

/** Whom a path's sender pays for execution. */
export const executorConfigOf = ({ executor }: LayerZeroAddresses) => ({ maxMessageSize: MAX_MESSAGE_BYTES, executor });

/** In LayerZero's order: a library cannot become a path's default before it supports the path. */
function configuration(addresses: LayerZeroAddresses, remoteEids: readonly number[]): ContractCall[] {
  const { endpoint, sendLibrary, receiveLibrary, receiveView, endpointView } = addresses;
  const uln = remoteEids.map((eid) => ({ eid, config: ulnConfigOf(addresses) }));
  const executor = remoteEids.map((eid) => ({ eid, config: executorConfigOf(addresses) }));
  const onEndpoint = { address: endpoint, abi: endpointAbi } as const;
  const onSend = { address: sendLibrary, abi: sendLibraryAbi } as const;
  return [
    contractCall({
      address: receiveView,
      abi: receiveViewAbi,
      functionName: "initialize",
      args: [endpoint, receiveLibrary],
    }),
    contractCall({ address: endpointView, abi: endpointViewAbi, functionName: "initialize", args: [endpoint] }),
    contractCall({ ...onEndpoint, functionName: "registerLibrary", args: [sendLibrary] }),
    contractCall({ ...onEndpoint, functionName: "registerLibrary", args: [receiveLibrary] }),
    contractCall({ ...onSend, functionName: "setDefaultUlnConfigs", args: [uln] }),
    contractCall({ ...onSend, functionName: "setDefaultExecutorConfigs", args: [executor] }),
    contractCall({
      address: receiveLibrary,
      abi: receiveLibraryAbi,
      functionName: "setDefaultUlnConfigs",
      args: [uln],
    }),
    ...remoteEids.flatMap((eid) => [
      contractCall({ ...onEndpoint, functionName: "setDefaultSendLibrary", args: [eid, sendLibrary] }),
      contractCall({ ...onEndpoint, functionName: "setDefaultReceiveLibrary", args: [eid, receiveLibrary, 0n] }),
    ]),
  ];
}

/** What both sides of a path have in common: the application's base contract. */
export const oappAbi = parseAbi([
  "struct EnforcedOptionParam { uint32 eid; uint16 msgType; bytes options; }",
  "function setPeer(uint32 eid, bytes32 peer)",
  "function setDelegate(address delegate)",
  "function transferOwnership(address newOwner)",
  "function setEnforcedOptions(EnforcedOptionParam[] options)",
]);
