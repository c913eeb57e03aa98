import { type ContractCall, contractCall } from "@equipoise/sdk/actions";
import { type Address, encodeAbiParameters, type Hex, parseAbi, parseAbiParameters } from "viem";
import { encodeReceiveOptions } from "../layerzero/options.ts";
import { addressToBytes32 } from "../layerzero/packet.ts";
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

/**
 * Pins a sender's side of a path: peer, send library, verifiers, executor, and the gas its messages always carry. Pinned,
 * so that nobody who may change LayerZero's defaults changes this path.
 * @param receiveGas {gas} for the receiver, by configuration
 */
export function wireSender({ oapp, layerZero, remoteEid: eid, peer }: PathSide, receiveGas: bigint): ContractCall[] {
  const { endpoint: address, sendLibrary } = layerZero;
  const executor = encodeAbiParameters(executorParameters, [executorConfigOf(layerZero)]);
  const config = [
    { eid, configType: CONFIG_EXECUTOR, config: executor },
    { eid, configType: CONFIG_ULN, config: encodeUln(layerZero) },
  ];
  const options = [{ eid, msgType: MESSAGE_RISK_STATE, options: encodeReceiveOptions({ gas: receiveGas }) }];
  return [
    contractCall({ address: oapp, abi: oappAbi, functionName: "setPeer", args: [eid, addressToBytes32(peer)] }),
    contractCall({ address: oapp, abi: oappAbi, functionName: "setEnforcedOptions", args: [options] }),
    contractCall({ address, abi: pathAbi, functionName: "setSendLibrary", args: [oapp, eid, sendLibrary] }),
    contractCall({ address, abi: pathAbi, functionName: "setConfig", args: [oapp, sendLibrary, config] }),
  ];
}

/** Pins a receiver's side of a path: peer, receive library and verifiers. */
export function wireReceiver({ oapp, layerZero, remoteEid: eid, peer }: PathSide): ContractCall[] {
  const { endpoint: address, receiveLibrary } = layerZero;
  const config = [{ eid, configType: CONFIG_ULN, config: encodeUln(layerZero) }];
  return [
    contractCall({ address: oapp, abi: oappAbi, functionName: "setPeer", args: [eid, addressToBytes32(peer)] }),
    contractCall({ address, abi: pathAbi, functionName: "setReceiveLibrary", args: [oapp, eid, receiveLibrary, 0n] }),
    contractCall({ address, abi: pathAbi, functionName: "setConfig", args: [oapp, receiveLibrary, config] }),
  ];
}

/** Hands an application to its governor, endpoint configuration included. */
export const handOver = (oapp: Address, governor: Address): ContractCall[] => [
  contractCall({ address: oapp, abi: oappAbi, functionName: "setDelegate", args: [governor] }),
  contractCall({ address: oapp, abi: oappAbi, functionName: "transferOwnership", args: [governor] }),
];
