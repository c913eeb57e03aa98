import { contractCall, type LayerZeroAddresses } from "@equipoise/sdk/actions";
import { type Address, zeroAddress } from "viem";
import { endpointAbi, endpointViewAbi, receiveLibraryAbi, receiveViewAbi, sendLibraryAbi } from "../layerzero/abi.ts";
import { type Artifact, forgeArtifact, packageArtifact } from "./artifact.ts";
import { type CallStep, type ContractStep, callStep, fact, nonceStep, type Step } from "./plan.ts";

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

export type LocalLayerZeroParameters = {
  readonly eid: number;
  /** chains that messages go to and come from */
  readonly remoteEids: readonly number[];
  /** owns LayerZero on this chain, and sends nothing but this plan: addresses come from its nonces */
  readonly owner: Address;
  /** may speak for the local verifiers */
  readonly operator: Address;
  /** verifiers that must all sign; two when absent, as the public testnets ask for */
  readonly verifiers?: number;
  /** {blocks} a packet's own block counts as the first; 2 when absent */
  readonly confirmations?: number;
};

/** LayerZero on one chain: what has to be done, and where everything then is. */
export type LayerZeroPlan = { readonly steps: readonly Step[]; readonly layerZero: LayerZeroAddresses };

/** Contracts of one sender, each by the nonce after the last. */
export function contractsFrom(owner: Address): {
  readonly steps: readonly ContractStep[];
  readonly put: (name: string, artifact: Artifact, args?: readonly unknown[]) => Address;
} {
  const steps: ContractStep[] = [];
  return {
    steps,
    put: (name, artifact, args = []) => {
      const step = nonceStep(name, artifact, args, owner, steps.length);
      steps.push(step);
      return step.address;
    },
  };
}

/** LayerZero's endpoint, libraries and views, each by its owner's next nonce. */
export function layerZeroCore(eid: number, owner: Address, put: ReturnType<typeof contractsFrom>["put"]) {
  const ofProtocol = (name: string): Artifact => packageArtifact(`${PROTOCOL}/${name}.sol/${name}.json`);
  const ofLibraries = (name: string): Artifact => packageArtifact(`${LIBRARIES}/${name}.sol/${name}.json`);
  const endpoint = put("layerZero/endpoint", ofProtocol("EndpointV2"), [eid, owner]);
  const sendArguments = [endpoint, TREASURY_GAS_LIMIT, TREASURY_FEE_CAP];
  return {
    endpoint,
    sendLibrary: put("layerZero/sendLibrary", ofLibraries("SendUln302"), sendArguments),
    receiveLibrary: put("layerZero/receiveLibrary", ofLibraries("ReceiveUln302"), [endpoint]),
    receiveView: put("layerZero/receiveView", ofLibraries("ReceiveUln302View")),
    endpointView: put("layerZero/endpointView", ofProtocol("EndpointV2View")),
  };
}

/**
 * LayerZero V2 for a local chain: the real endpoint, ULN302 libraries and views, and our workers in the verifiers' and the
 * executor's seats, as the default configuration of every path.
 */
export function planLocalLayerZero(parameters: LocalLayerZeroParameters): LayerZeroPlan {
  const { eid, remoteEids, owner, operator, verifiers: count = 2, confirmations = 2 } = parameters;
  const { steps, put } = contractsFrom(owner);
  const core = layerZeroCore(eid, owner, put);
  const verifiers = Array.from({ length: count }, (_, place) => ({
    name: `local verifier ${place}`,
    address: put(`layerZero/verifier${place}`, forgeArtifact("LocalDVN"), [operator, VERIFIER_FEE]),
  })).toSorted((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1));
  const executor = put("layerZero/executor", forgeArtifact("LocalExecutor"), [EXECUTOR_FEE, EXECUTOR_GAS_PRICE]);
  const layerZero = {
    ...core,
    verifiers: verifiers.map(({ address }) => address),
    verifierNames: verifiers.map(({ name }) => name),
    executor,
    confirmations,
  };
  return { layerZero, steps: [...steps, ...defaultsSteps(layerZero, remoteEids)] };
}

/** Every verifier required. @param confirmations {blocks} of the chain that packets come from */
export const ulnConfigOf = ({ verifiers }: LayerZeroAddresses, confirmations: number) => ({
  confirmations: BigInt(confirmations),
  requiredDVNCount: verifiers.length,
  optionalDVNCount: 0,
  optionalDVNThreshold: 0,
  requiredDVNs: verifiers,
  optionalDVNs: [],
});

/** Whom a path's sender pays for execution. */
export const executorConfigOf = ({ executor }: Pick<LayerZeroAddresses, "executor">) => ({
  maxMessageSize: MAX_MESSAGE_BYTES,
  executor,
});

/** LayerZero's own defaults, in its order: a library cannot become a path's default before it supports the path. */
export function defaultsSteps(layerZero: LayerZeroAddresses, remoteEids: readonly number[]): CallStep[] {
  const { endpoint, sendLibrary, receiveLibrary, receiveView, endpointView, executor } = layerZero;
  const uln = ulnConfigOf(layerZero, layerZero.confirmations);
  const ulns = remoteEids.map((eid) => ({ eid, config: uln }));
  const executors = remoteEids.map((eid) => ({ eid, config: executorConfigOf({ executor }) }));
  const onEndpoint = { address: endpoint, abi: endpointAbi } as const;
  const onSend = { address: sendLibrary, abi: sendLibraryAbi } as const;
  const onReceive = { address: receiveLibrary, abi: receiveLibraryAbi } as const;
  const onReceiveView = { address: receiveView, abi: receiveViewAbi } as const;
  const onEndpointView = { address: endpointView, abi: endpointViewAbi } as const;
  const registered = (name: string, library: Address): CallStep =>
    callStep(
      "make",
      `layerZero/${name} registered`,
      contractCall({ ...onEndpoint, functionName: "registerLibrary", args: [library] }),
      [fact({ ...onEndpoint, functionName: "isRegisteredLibrary", args: [library], result: true })],
    );
  return [
    callStep(
      "make",
      "layerZero/receiveView initialized",
      contractCall({ ...onReceiveView, functionName: "initialize", args: [endpoint, receiveLibrary] }),
      [fact({ ...onReceiveView, functionName: "receiveUln302", args: [], result: receiveLibrary })],
    ),
    callStep(
      "make",
      "layerZero/endpointView initialized",
      contractCall({ ...onEndpointView, functionName: "initialize", args: [endpoint] }),
      [fact({ ...onEndpointView, functionName: "endpoint", args: [], result: endpoint })],
    ),
    registered("sendLibrary", sendLibrary),
    registered("receiveLibrary", receiveLibrary),
    callStep(
      "make",
      "layerZero/default sending verifiers",
      contractCall({ ...onSend, functionName: "setDefaultUlnConfigs", args: [ulns] }),
      remoteEids.map((eid) =>
        fact({ ...onSend, functionName: "getAppUlnConfig", args: [zeroAddress, eid], result: uln }),
      ),
    ),
    callStep(
      "make",
      "layerZero/default executor",
      contractCall({ ...onSend, functionName: "setDefaultExecutorConfigs", args: [executors] }),
      remoteEids.map((eid) =>
        fact({
          ...onSend,
          functionName: "executorConfigs",
          args: [zeroAddress, eid],
          result: [MAX_MESSAGE_BYTES, executor],
        }),
      ),
    ),
    callStep(
      "make",
      "layerZero/default receiving verifiers",
      contractCall({ ...onReceive, functionName: "setDefaultUlnConfigs", args: [ulns] }),
      remoteEids.map((eid) =>
        fact({ ...onReceive, functionName: "getAppUlnConfig", args: [zeroAddress, eid], result: uln }),
      ),
    ),
    ...remoteEids.flatMap((eid) => [
      callStep(
        "make",
        `layerZero/default sendLibrary to ${eid}`,
        contractCall({ ...onEndpoint, functionName: "setDefaultSendLibrary", args: [eid, sendLibrary] }),
        [fact({ ...onEndpoint, functionName: "defaultSendLibrary", args: [eid], result: sendLibrary })],
      ),
      callStep(
        "make",
        `layerZero/default receiveLibrary from ${eid}`,
        contractCall({ ...onEndpoint, functionName: "setDefaultReceiveLibrary", args: [eid, receiveLibrary, 0n] }),
        [fact({ ...onEndpoint, functionName: "defaultReceiveLibrary", args: [eid], result: receiveLibrary })],
      ),
    ]),
  ];
}
