import { BaseError, type Hex, parseEventLogs } from "viem";
import { endpointAbi } from "./abi.ts";
import { decodePacket, type Packet, type PacketProof, packetProof } from "./packet.ts";
import type { RouteEnd } from "./route.ts";

/** A packet as one block of its source chain holds it. */
export type SentPacket = {
  readonly packet: Packet;
  readonly proof: PacketProof;
  /** type 3, what the sender paid for */
  readonly options: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
};

/**
 * What a packet is filed under. The guid alone is not enough: it does not cover the message, and after a reorg another
 * message can be sent with the same one.
 */
export const packetKey = ({ packet, proof, blockHash }: Pick<SentPacket, "packet" | "proof" | "blockHash">): string =>
  `${packet.guid}:${proof.payloadHash}:${blockHash}`;

export type FindSentPacketsParameters = { readonly fromBlock: bigint; readonly toBlock: bigint };

/** Packets sent through an endpoint in a range of blocks, in the order they were sent. */
export async function findSentPackets(source: RouteEnd, parameters: FindSentPacketsParameters): Promise<SentPacket[]> {
  const address = source.layerZero.endpoint;
  return read(await source.chain.reader.getLogs({ address, ...parameters }));
}

/** Packets sent in one block, named by its hash: none where that block is no longer part of the chain. */
export async function findSentPacketsInBlock(source: RouteEnd, blockHash: Hex): Promise<SentPacket[]> {
  const { reader } = source.chain;
  try {
    const block = await reader.getBlock({ blockHash });
    const atHeight = await reader.getBlock({ blockNumber: block.number });
    if (atHeight.hash !== blockHash) return [];
    return read(await reader.getLogs({ address: source.layerZero.endpoint, blockHash }));
  } catch (error) {
    if (error instanceof BaseError && error.walk((cause) => (cause as Error).name === "BlockNotFoundError") !== null)
      return [];
    throw error;
  }
}

type Logs = Parameters<typeof parseEventLogs>[0]["logs"];

function read(logs: Logs): SentPacket[] {
  return parseEventLogs({ abi: endpointAbi, eventName: "PacketSent", logs }).map((log) => {
    const packet = decodePacket(log.args.encodedPayload);
    return {
      packet,
      proof: packetProof(packet),
      options: log.args.options,
      blockNumber: log.blockNumber as bigint,
      blockHash: log.blockHash as Hex,
      transactionHash: log.transactionHash as Hex,
    };
  });
}
