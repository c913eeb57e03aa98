import { parseAbi } from "viem";

// The functions and events of LayerZero V2 that this relayer calls or reads, and no others. Their code comes from the
// npm packages (see deploy/layerzero.ts); their errors are in the SDK, which decodes reverts.

export const endpointAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "event PacketSent(bytes encodedPayload, bytes options, address sendLibrary)",
  "event PacketVerified(Origin origin, address receiver, bytes32 payloadHash)",
  "event PacketDelivered(Origin origin, address receiver)",
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
  "struct Verification { bool submitted; uint64 confirmations; }",
  "event PayloadVerified(address dvn, bytes header, uint256 confirmations, bytes32 proofHash)",
  "function setDefaultUlnConfigs(SetDefaultUlnConfigParam[] params)",
  "function getUlnConfig(address oapp, uint32 remoteEid) view returns (UlnConfig)",
  "function commitVerification(bytes packetHeader, bytes32 payloadHash)",
  "function hashLookup(bytes32 headerHash, bytes32 payloadHash, address dvn) view returns (bool submitted, uint64 confirmations)",
]);

export const receiveViewAbi = parseAbi([
  "function initialize(address endpoint, address receiveLibrary)",
  "function verifiable(bytes packetHeader, bytes32 payloadHash) view returns (uint8)",
]);

export const endpointViewAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "function initialize(address endpoint)",
  "function executable(Origin origin, address receiver) view returns (uint8)",
]);
