import { concat, type Hex, keccak256, slice, toHex } from "viem";
import { describe, expect, it } from "vitest";
import {
  addressToBytes32,
  bytes32ToAddress,
  decodePacket,
  PacketMalformed,
  packetGuid,
  packetProof,
} from "./packet.ts";
import { packetKey } from "./sentPacket.ts";

const path = {
  nonce: 7n,
  srcEid: 40_337,
  sender: addressToBytes32("0x00000000000000000000000000000000000000aa"),
  dstEid: 40_338,
  receiver: addressToBytes32("0x00000000000000000000000000000000000000bb"),
};

const encode = (message: Hex): Hex => {
  const guid = packetGuid(path);
  const { header } = packetProof({ ...path, guid, message });
  return concat([header, guid, message]);
};

describe("decodePacket", () => {
  it("default: takes apart what the header and payload are made of", () => {
    const packet = decodePacket(encode("0x1234"));
    expect(packet).toEqual({ ...path, guid: packetGuid(path), message: "0x1234" });
    const { header, payloadHash } = packetProof(packet);
    expect(header).toBe(slice(encode("0x1234"), 0, 81));
    expect(payloadHash).toBe(keccak256(slice(encode("0x1234"), 81)));
  });

  it("behavior: a message may be empty", () => {
    expect(decodePacket(encode("0x")).message).toBe("0x");
  });

  it("behavior: the guid does not cover the message, the key does", () => {
    const [one, other] = (["0x01", "0x02"] as const).map((message) => decodePacket(encode(message)));
    if (one === undefined || other === undefined) throw new Error("two packets were encoded");
    expect(one.guid).toBe(other.guid);
    const blockHash = toHex(1n, { size: 32 });
    const keyOf = (packet: typeof one): string => packetKey({ packet, proof: packetProof(packet), blockHash });
    expect(keyOf(one)).not.toBe(keyOf(other));
  });

  it("error: PacketMalformed", () => {
    const encoded = encode("0x1234");
    expect(() => decodePacket(slice(encoded, 0, 112))).toThrow(PacketMalformed);
    expect(() => decodePacket(concat(["0x02", slice(encoded, 1)]))).toThrow("version 2");
    const otherNonce = concat([slice(encoded, 0, 1), toHex(8n, { size: 8 }), slice(encoded, 9)]);
    expect(() => decodePacket(otherNonce)).toThrow("is not that of its path");
  });
});

describe("bytes32ToAddress", () => {
  it("default: undoes addressToBytes32", () => {
    expect(bytes32ToAddress(path.sender)).toBe("0x00000000000000000000000000000000000000AA");
  });
});
