import { addressToBytes32, type ContractCall, contractCall } from "@equipoise/sdk/actions";
import { type Address, encodeAbiParameters, type Hex, parseAbi, parseAbiParameters } from "viem";
import { encodeReceiveOptions } from "../layerzero/options.ts";
import type { LayerZeroAddresses } from "../layerzero/route.ts";
import { executorConfigOf, oappAbi, ulnConfigOf } from "./layerZero.ts";

/** What a beacon's options are enforced for; `RiskBeacon.MESSAGE_RISK_STATE`. */
const MESSAGE_RISK_STATE = 1;
const CONFIG_EXECUTOR = 1;
const CONFIG_ULN = 2;

const pathAbi = parseAbi([
  "struct SetConfigParam { uint32 eid; uint32 configType; bytes config; }",
  "function setSendLibrary(address oapp, uint32 eid, address library)",
  "function setReceiveLibrary(address oapp, uint32 eid, address library, uint256 gracePeriod)",
  "function setConfig(address oapp, address library, SetConfigParam[] params)",
]);
const ulnParameters = parseAbiParameters([
  "UlnConfig config",
  "struct UlnConfig { uint64 confirmations; uint8 requiredDVNCount; uint8 optionalDVNCount; uint8 optionalDVNThreshold; address[] requiredDVNs; address[] optionalDVNs; }",
]);
const executorParameters = parseAbiParameters([
  "ExecutorConfig config",
  "struct ExecutorConfig { uint32 maxMessageSize; address executor; }",
]);

/** One side of a path: an application on a chain, and its peer on another. */
export type PathSide = {
  readonly oapp: Address;
  readonly layerZero: LayerZeroAddresses;
  readonly remoteEid: number;
  readonly peer: Address;
};

const encodeUln = (layerZero: LayerZeroAddresses): Hex => encodeAbiParameters(ulnParameters, [ulnConfigOf(layerZero)]);

/** Pins a sender's send library, executor and verifiers, so that nobody who may change LayerZero's defaults changes them. */
export function pinSender({ oapp, layerZero, remoteEid: eid }: Omit<PathSide, "peer">): ContractCall[] {
  const { endpoint: address, sendLibrary } = layerZero;
  const executor = encodeAbiParameters(executorParameters, [executorConfigOf(layerZero)]);
  const config = [
    { eid, configType: CONFIG_EXECUTOR, config: executor },
    { eid, configType: CONFIG_ULN, config: encodeUln(layerZero) },
  ];
  return [
    contractCall({ address, abi: pathAbi, functionName: "setSendLibrary", args: [oapp, eid, sendLibrary] }),
    contractCall({ address, abi: pathAbi, functionName: "setConfig", args: [oapp, sendLibrary, config] }),
  ];
}

/** Pins a receiver's receive library and verifiers. */
export function pinReceiver({ oapp, layerZero, remoteEid: eid }: Omit<PathSide, "peer">): ContractCall[] {
  const { endpoint: address, receiveLibrary } = layerZero;
  const config = [{ eid, configType: CONFIG_ULN, config: encodeUln(layerZero) }];
  return [
    contractCall({ address, abi: pathAbi, functionName: "setReceiveLibrary", args: [oapp, eid, receiveLibrary, 0n] }),
    contractCall({ address, abi: pathAbi, functionName: "setConfig", args: [oapp, receiveLibrary, config] }),
  ];
}

/** {gas} that messages of a type always carry for their receiver */
export type EnforcedGas = { readonly messageType: number; readonly gas: bigint };

/** Makes an application's messages to a chain carry gas, by configuration. */
export function enforceGas({ oapp, remoteEid: eid }: Omit<PathSide, "peer">, enforced: readonly EnforcedGas[]) {
  const options = enforced.map(({ messageType, gas }) => ({
    eid,
    msgType: messageType,
    options: encodeReceiveOptions({ gas }),
  }));
  return contractCall({ address: oapp, abi: oappAbi, functionName: "setEnforcedOptions", args: [options] });
}

const setPeer = ({ oapp, remoteEid, peer }: PathSide): ContractCall =>
  contractCall({ address: oapp, abi: oappAbi, functionName: "setPeer", args: [remoteEid, addressToBytes32(peer)] });

/**
 * A beacon's side of a path: peer, pinned libraries and workers, and the gas its messages always carry.
 * @param receiveGas {gas} for the receiver, by configuration
 */
export const wireSender = (path: PathSide, receiveGas: bigint): ContractCall[] => [
  setPeer(path),
  enforceGas(path, [{ messageType: MESSAGE_RISK_STATE, gas: receiveGas }]),
  ...pinSender(path),
];

/** A mirror's side of a path: peer, pinned library and verifiers. */
export const wireReceiver = (path: PathSide): ContractCall[] => [setPeer(path), ...pinReceiver(path)];

/** Hands an application to its governor, endpoint configuration included. */
export const handOver = (oapp: Address, governor: Address): ContractCall[] => [
  contractCall({ address: oapp, abi: oappAbi, functionName: "setDelegate", args: [governor] }),
  contractCall({ address: oapp, abi: oappAbi, functionName: "transferOwnership", args: [governor] }),
];
