import {
  type Address,
  concat,
  getAddress,
  type Hex,
  hexToBigInt,
  hexToNumber,
  keccak256,
  pad,
  size,
  slice,
  toHex,
} from "viem";

/** A LayerZero V2 packet, taken apart. */
export type Packet = {
  readonly nonce: bigint;
  readonly srcEid: number;
  /** 32 bytes, as the destination sees it */
  readonly sender: Hex;
  readonly dstEid: number;
  readonly receiver: Hex;
  readonly guid: Hex;
  readonly message: Hex;
};

/** The part of a packet verifiers sign off, and the hash of the rest. */
export type PacketProof = { readonly header: Hex; readonly payloadHash: Hex };

/** Bytes are not a packet this relayer knows how to deliver. */
export class PacketMalformed extends Error {
  override name = "PacketMalformed";
  constructor(reason: string) {
    super(`not a version 1 packet: ${reason}; check that the log is PacketSent of a LayerZero V2 endpoint`);
  }
}

const VERSION = 1;
/** version u8, nonce u64, srcEid u32, sender b32, dstEid u32, receiver b32 */
const HEADER_BYTES = 81;
const GUID_BYTES = 32;

/** Takes the bytes of `PacketSent.encodedPayload` apart, and refuses those whose guid is not the path's. */
export function decodePacket(encoded: Hex): Packet {
  if (size(encoded) < HEADER_BYTES + GUID_BYTES) throw new PacketMalformed(`${size(encoded)} bytes are too few`);
  const version = hexToNumber(slice(encoded, 0, 1));
  if (version !== VERSION) throw new PacketMalformed(`it has version ${version}`);
  const packet: Packet = {
    nonce: hexToBigInt(slice(encoded, 1, 9)),
    srcEid: hexToNumber(slice(encoded, 9, 13)),
    sender: slice(encoded, 13, 45),
    dstEid: hexToNumber(slice(encoded, 45, 49)),
    receiver: slice(encoded, 49, 81),
    guid: slice(encoded, 81, 113),
    message: size(encoded) === HEADER_BYTES + GUID_BYTES ? "0x" : slice(encoded, 113),
  };
  if (packetGuid(packet) !== packet.guid) throw new PacketMalformed(`guid ${packet.guid} is not that of its path`);
  return packet;
}

/** The header and payload hash that verifiers put on the destination chain. */
export function packetProof(packet: Packet): PacketProof {
  return {
    header: concat([toHex(VERSION, { size: 1 }), toHex(packet.nonce, { size: 8 }), ...pathOf(packet)]),
    payloadHash: keccak256(concat([packet.guid, packet.message])),
  };
}

/** keccak256 of nonce and path. The message is not in it: after a reorg another message can wear the same guid. */
export function packetGuid(packet: Pick<Packet, "nonce" | "srcEid" | "sender" | "dstEid" | "receiver">): Hex {
  return keccak256(concat([toHex(packet.nonce, { size: 8 }), ...pathOf(packet)]));
}

const pathOf = (path: Pick<Packet, "srcEid" | "sender" | "dstEid" | "receiver">): Hex[] => [
  toHex(path.srcEid, { size: 4 }),
  path.sender,
  toHex(path.dstEid, { size: 4 }),
  path.receiver,
];

/** An address in the 32 bytes LayerZero carries it in. */
export const addressToBytes32 = (address: Address): Hex => pad(address, { size: 32 });

/** The address in the low 20 of 32 bytes. */
export const bytes32ToAddress = (bytes: Hex): Address => getAddress(slice(bytes, 12, 32));
