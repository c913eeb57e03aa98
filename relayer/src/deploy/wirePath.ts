import { addressToBytes32, type ContractCall, contractCall, type LayerZeroAddresses } from "@equipoise/sdk/actions";
import { type Address, encodeAbiParameters, type Hex, parseAbiParameters, zeroHash } from "viem";
import { endpointAbi, oappAbi, receiveLibraryAbi, sendLibraryAbi } from "../layerzero/abi.ts";
import { encodeReceiveOptions } from "../layerzero/options.ts";
import { executorConfigOf, ulnConfigOf } from "./layerZeroPlan.ts";
import { type CallStep, callStep, type Fact, fact } from "./plan.ts";

/** What a beacon's options are enforced for; `RiskBeacon.MESSAGE_RISK_STATE`. */
export const MESSAGE_RISK_STATE = 1;
const CONFIG_EXECUTOR = 1;
const CONFIG_ULN = 2;
/** In an application's configuration 0 verifiers mean LayerZero's default, whatever that becomes; this means none. */
const NONE = 255;

const ulnParameters = parseAbiParameters([
  "UlnConfig config",
  "struct UlnConfig { uint64 confirmations; uint8 requiredDVNCount; uint8 optionalDVNCount; uint8 optionalDVNThreshold; address[] requiredDVNs; address[] optionalDVNs; }",
]);
const executorParameters = parseAbiParameters([
  "ExecutorConfig config",
  "struct ExecutorConfig { uint32 maxMessageSize; address executor; }",
]);

/** The other end of a path. */
export type RemoteEnd = {
  readonly eid: number;
  readonly peer: Address;
  /** {blocks} that verifiers wait for on packets from there */
  readonly confirmations: number;
};

/** One side of a path: an application on a chain, and its peer on another. */
export type PathSide = {
  /** of the application, in the names of steps */
  readonly name: string;
  readonly oapp: Address;
  readonly layerZero: LayerZeroAddresses;
  readonly remote: RemoteEnd;
};

/** A call that opens a side of a path or pins it: as long as there is no peer, nothing stands that it could change. */
export const pathStep = (
  { name, oapp, remote: { eid } }: PathSide,
  what: string,
  call: ContractCall,
  facts: readonly Fact[],
): CallStep => ({
  ...callStep("wire", `${name} ${what} ${eid}`, call, facts),
  adds: fact({ address: oapp, abi: oappAbi, functionName: "peers", args: [eid], result: zeroHash }),
});

/** An application's own verifiers: nothing of it is left to LayerZero's defaults. */
const pinnedUln = (layerZero: LayerZeroAddresses, confirmations: number) => ({
  ...ulnConfigOf(layerZero, confirmations),
  optionalDVNCount: NONE,
});
const encodeUln = (config: ReturnType<typeof pinnedUln>): Hex => encodeAbiParameters(ulnParameters, [config]);

/** Pins a sender's send library, executor and verifiers, so that nobody who may change LayerZero's defaults changes them. */
export function pinSender(side: PathSide): CallStep[] {
  const { oapp, layerZero } = side;
  const { eid } = side.remote;
  const { endpoint, sendLibrary, executor } = layerZero;
  const onEndpoint = { address: endpoint, abi: endpointAbi } as const;
  const onLibrary = { address: sendLibrary, abi: sendLibraryAbi } as const;
  const uln = pinnedUln(layerZero, layerZero.confirmations);
  const execution = executorConfigOf(layerZero);
  const config = [
    { eid, configType: CONFIG_EXECUTOR, config: encodeAbiParameters(executorParameters, [execution]) },
    { eid, configType: CONFIG_ULN, config: encodeUln(uln) },
  ];
  return [
    pathStep(
      side,
      "send library to",
      contractCall({ ...onEndpoint, functionName: "setSendLibrary", args: [oapp, eid, sendLibrary] }),
      [
        fact({ ...onEndpoint, functionName: "getSendLibrary", args: [oapp, eid], result: sendLibrary }),
        fact({ ...onEndpoint, functionName: "isDefaultSendLibrary", args: [oapp, eid], result: false }),
      ],
    ),
    pathStep(
      side,
      "workers to",
      contractCall({ ...onEndpoint, functionName: "setConfig", args: [oapp, sendLibrary, config] }),
      [
        fact({ ...onLibrary, functionName: "getAppUlnConfig", args: [oapp, eid], result: uln }),
        fact({
          ...onLibrary,
          functionName: "executorConfigs",
          args: [oapp, eid],
          result: [execution.maxMessageSize, executor],
        }),
      ],
    ),
  ];
}

/** Pins a receiver's receive library and verifiers. */
export function pinReceiver(side: PathSide): CallStep[] {
  const { oapp, layerZero } = side;
  const { eid, confirmations } = side.remote;
  const { endpoint, receiveLibrary } = layerZero;
  const onEndpoint = { address: endpoint, abi: endpointAbi } as const;
  const uln = pinnedUln(layerZero, confirmations);
  const config = [{ eid, configType: CONFIG_ULN, config: encodeUln(uln) }];
  const explicit = [receiveLibrary, false] as const;
  return [
    pathStep(
      side,
      "receive library from",
      contractCall({ ...onEndpoint, functionName: "setReceiveLibrary", args: [oapp, eid, receiveLibrary, 0n] }),
      [fact({ ...onEndpoint, functionName: "getReceiveLibrary", args: [oapp, eid], result: explicit })],
    ),
    pathStep(
      side,
      "verifiers from",
      contractCall({ ...onEndpoint, functionName: "setConfig", args: [oapp, receiveLibrary, config] }),
      [
        fact({
          address: receiveLibrary,
          abi: receiveLibraryAbi,
          functionName: "getAppUlnConfig",
          args: [oapp, eid],
          result: uln,
        }),
      ],
    ),
  ];
}

/** {gas} that messages of a type always carry for their receiver */
export type EnforcedGas = { readonly messageType: number; readonly gas: bigint };

/** Makes an application's messages to a chain carry gas, by configuration. */
export function enforceGas(side: PathSide, enforced: readonly EnforcedGas[]): CallStep {
  const { oapp } = side;
  const { eid } = side.remote;
  const options = enforced.map(({ messageType, gas }) => ({
    eid,
    msgType: messageType,
    options: encodeReceiveOptions({ gas }),
  }));
  const onOapp = { address: oapp, abi: oappAbi } as const;
  return pathStep(
    side,
    "gas to",
    contractCall({ ...onOapp, functionName: "setEnforcedOptions", args: [options] }),
    options.map(({ msgType, options: result }) =>
      fact({ ...onOapp, functionName: "enforcedOptions", args: [eid, msgType], result }),
    ),
  );
}

function setPeer(side: PathSide): CallStep {
  const { eid, peer } = side.remote;
  const onOapp = { address: side.oapp, abi: oappAbi } as const;
  const result = addressToBytes32(peer);
  return pathStep(side, "peer on", contractCall({ ...onOapp, functionName: "setPeer", args: [eid, result] }), [
    fact({ ...onOapp, functionName: "peers", args: [eid], result }),
  ]);
}

/**
 * A beacon's side of a path: peer, pinned libraries and workers, and the gas its messages always carry.
 * @param receiveGas {gas} for the receiver, by configuration
 */
export const wireSender = (side: PathSide, receiveGas: bigint): CallStep[] => [
  setPeer(side),
  enforceGas(side, [{ messageType: MESSAGE_RISK_STATE, gas: receiveGas }]),
  ...pinSender(side),
];

/** A mirror's side of a path: peer, pinned library and verifiers. */
export const wireReceiver = (side: PathSide): CallStep[] => [setPeer(side), ...pinReceiver(side)];

/** Hands an application to its governor, endpoint configuration included. */
export function handOver(name: string, oapp: Address, endpoint: Address, governor: Address): CallStep[] {
  const onOapp = { address: oapp, abi: oappAbi } as const;
  const onEndpoint = { address: endpoint, abi: endpointAbi } as const;
  return [
    callStep(
      "handOver",
      `${name} delegate`,
      contractCall({ ...onOapp, functionName: "setDelegate", args: [governor] }),
      [fact({ ...onEndpoint, functionName: "delegates", args: [oapp], result: governor })],
    ),
    callStep(
      "handOver",
      `${name} owner`,
      contractCall({ ...onOapp, functionName: "transferOwnership", args: [governor] }),
      [fact({ ...onOapp, functionName: "owner", args: [], result: governor })],
    ),
  ];
}
