import { BaseError, type Hex, parseEventLogs } from "viem";
import { getBlock, getLogs } from "viem/actions";
import type { LogRange } from "../logRanges.ts";
import { endpointEventAbi } from "./abi.ts";
import { decodePacket, type Packet, type PacketProof, packetProof } from "./packet.ts";
import type { MessageEnd } from "./path.ts";

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

/** Packets sent through an endpoint in a range of blocks, in the order they were sent: one question, so keep the range short. */
export async function findSentPackets({ client, layerZero }: MessageEnd, range: LogRange): Promise<SentPacket[]> {
  return sentPacketsIn(await getLogs(client, { address: layerZero.endpoint, ...range }));
}

/** Packets sent in one block, named by its hash: none where that block is no longer part of the chain. */
export async function findSentPacketsInBlock({ client, layerZero }: MessageEnd, blockHash: Hex): Promise<SentPacket[]> {
  try {
    const block = await getBlock(client, { blockHash });
    const atHeight = await getBlock(client, { blockNumber: block.number });
    if (atHeight.hash !== blockHash) return [];
    return sentPacketsIn(await getLogs(client, { address: layerZero.endpoint, blockHash }));
  } catch (error) {
    if (error instanceof BaseError && error.walk((cause) => (cause as Error).name === "BlockNotFoundError") !== null)
      return [];
    throw error;
  }
}

type Logs = Parameters<typeof parseEventLogs>[0]["logs"];

/** Packets among the logs of an endpoint, for example those of a transaction's receipt, in their order. */
export function sentPacketsIn(logs: Logs): SentPacket[] {
  return parseEventLogs({ abi: endpointEventAbi, eventName: "PacketSent", logs }).map((log) => {
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
