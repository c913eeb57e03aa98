import { parseAbi } from "viem";

// The functions and events of LayerZero V2 that show where a message is, and no others.

export const endpointEventAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "event PacketSent(bytes encodedPayload, bytes options, address sendLibrary)",
  "event PacketVerified(Origin origin, address receiver, bytes32 payloadHash)",
  "event PacketDelivered(Origin origin, address receiver)",
]);

export const verificationAbi = parseAbi([
  "function hashLookup(bytes32 headerHash, bytes32 payloadHash, address dvn) view returns (bool submitted, uint64 confirmations)",
]);

export const receiveViewAbi = parseAbi([
  "function verifiable(bytes packetHeader, bytes32 payloadHash) view returns (uint8)",
]);

export const endpointViewAbi = parseAbi([
  "struct Origin { uint32 srcEid; bytes32 sender; uint64 nonce; }",
  "function executable(Origin origin, address receiver) view returns (uint8)",
]);
