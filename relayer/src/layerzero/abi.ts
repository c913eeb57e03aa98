import { parseAbi } from "viem";

// The functions and events of LayerZero V2 that this relayer calls or reads, and no others. Their code comes from the
// npm packages (see deploy/layerzero.ts); their errors, and what shows where a message is, are in the SDK.

export const endpointAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "function eid() view returns (uint32)",
  "function registerLibrary(address library)",
  "function isRegisteredLibrary(address library) view returns (bool)",
  "function setDefaultSendLibrary(uint32 eid, address library)",
  "function setDefaultReceiveLibrary(uint32 eid, address library, uint256 gracePeriod)",
  "function defaultSendLibrary(uint32 eid) view returns (address)",
  "function defaultReceiveLibrary(uint32 eid) view returns (address)",
  "function setSendLibrary(address oapp, uint32 eid, address library)",
  "function setReceiveLibrary(address oapp, uint32 eid, address library, uint256 gracePeriod)",
  "function lzReceive(Origin origin, address receiver, bytes32 guid, bytes message, bytes extraData) payable",
  "function inboundPayloadHash(address receiver, uint32 srcEid, bytes32 sender, uint64 nonce) view returns (bytes32)",
]);

const ulnConfig =
  "struct UlnConfig { uint64 confirmations; uint8 requiredDVNCount; uint8 optionalDVNCount; uint8 optionalDVNThreshold; address[] requiredDVNs; address[] optionalDVNs; }";

export const sendLibraryAbi = parseAbi([
  ulnConfig,
  "struct ExecutorConfig { uint32 maxMessageSize; address executor; }",
  "struct SetDefaultUlnConfigParam { uint32 eid; UlnConfig config; }",
  "struct SetDefaultExecutorConfigParam { uint32 eid; ExecutorConfig config; }",
  "function setDefaultUlnConfigs(SetDefaultUlnConfigParam[] params)",
  "function setDefaultExecutorConfigs(SetDefaultExecutorConfigParam[] params)",
  "function getUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
]);

export const receiveLibraryAbi = parseAbi([
  ulnConfig,
  "struct SetDefaultUlnConfigParam { uint32 eid; UlnConfig config; }",
  "event PayloadVerified(address dvn, bytes header, uint256 confirmations, bytes32 proofHash)",
  "function setDefaultUlnConfigs(SetDefaultUlnConfigParam[] params)",
  "function getUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
  "function commitVerification(bytes packetHeader, bytes32 payloadHash)",
]);

export const receiveViewAbi = parseAbi(["function initialize(address endpoint, address receiveLibrary)"]);

export const endpointViewAbi = parseAbi(["function initialize(address endpoint)"]);
