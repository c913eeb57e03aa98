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
  "struct SetConfigParam { uint32 eid; uint32 configType; bytes config; }",
  "function setSendLibrary(address oapp, uint32 eid, address library)",
  "function setReceiveLibrary(address oapp, uint32 eid, address library, uint256 gracePeriod)",
  "function setConfig(address oapp, address library, SetConfigParam[] params)",
  "function getSendLibrary(address sender, uint32 eid) view returns (address library)",
  "function isDefaultSendLibrary(address sender, uint32 eid) view returns (bool)",
  "function getReceiveLibrary(address receiver, uint32 eid) view returns (address library, bool isDefault)",
  "function delegates(address oapp) view returns (address)",
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
  "function getAppUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
  "function executorConfigs(address oapp, uint32 eid) view returns (uint32 maxMessageSize, address executor)",
]);

export const receiveLibraryAbi = parseAbi([
  ulnConfig,
  "struct SetDefaultUlnConfigParam { uint32 eid; UlnConfig config; }",
  "event PayloadVerified(address dvn, bytes header, uint256 confirmations, bytes32 proofHash)",
  "function setDefaultUlnConfigs(SetDefaultUlnConfigParam[] params)",
  "function getUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
  "function getAppUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
  "function commitVerification(bytes packetHeader, bytes32 payloadHash)",
]);

export const receiveViewAbi = parseAbi([
  "function initialize(address endpoint, address receiveLibrary)",
  "function receiveUln302() view returns (address)",
]);

export const endpointViewAbi = parseAbi([
  "function initialize(address endpoint)",
  "function endpoint() view returns (address)",
]);

/** What both sides of a path have in common: the application's base contracts. */
export const oappAbi = parseAbi([
  "struct EnforcedOptionParam { uint32 eid; uint16 msgType; bytes options; }",
  "function endpoint() view returns (address)",
  "function owner() view returns (address)",
  "function peers(uint32 eid) view returns (bytes32)",
  "function enforcedOptions(uint32 eid, uint16 msgType) view returns (bytes)",
  "function setPeer(uint32 eid, bytes32 peer)",
  "function setDelegate(address delegate)",
  "function transferOwnership(address newOwner)",
  "function setEnforcedOptions(EnforcedOptionParam[] options)",
]);
