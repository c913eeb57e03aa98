import { type Hex, isHex } from "viem";
import { getBlockNumber } from "viem/actions";
import { type LogRange, type LogRangeParameters, logRangesBack } from "../logRanges.ts";
import { looks, type PollingParameters, unlessAborted } from "../polling.ts";
import type { MessageEnd, MessagePath } from "./path.ts";
import { findSentPackets, packetKey, type SentPacket } from "./sentPacket.ts";
import { type DeliveryStage, readStage } from "./stage.ts";

/** Which message to follow, and between which chains. */
export type TrackMessageParameters = PollingParameters &
  LogRangeParameters & {
    readonly path: MessagePath;
    /** a packet as `sentPacketsIn` reads it from a receipt, or its guid */
    readonly message: SentPacket | Hex;
    /** where to search the source for a guid: any block not after the one that sent it; the packet's own when that is given */
    readonly fromBlock?: bigint | undefined;
  };

/**
 * Where a message is, in the words of who waits for it:
 * `sent` its verifiers have not all signed; `verified` they have; `committed` the destination's endpoint takes it;
 * `delivered` its receiver has run. Beside this way: `orphaned` a reorg took its block and it may be sent again;
 * `unreceivable` the receiver knows no such sender.
 */
export type MessageStage = "sent" | "verified" | "committed" | "delivered" | "orphaned" | "unreceivable";

/** A message that has come to another stage. */
export type MessageProgress = {
  readonly stage: MessageStage;
  /** the packet as its block holds it now: after a reorg another message can wear the same guid */
  readonly sent: SentPacket;
  /** the stage as the chains say it, with what is missing */
  readonly detail: DeliveryStage;
};

const STAGES = {
  orphaned: "orphaned",
  confirming: "sent",
  verifying: "sent",
  committing: "verified",
  waiting: "committed",
  executing: "committed",
  delivered: "delivered",
  unreceivable: "unreceivable",
} as const satisfies Record<DeliveryStage["name"], MessageStage>;

/** {blocks} below a packet's block that are searched for it again after a reorg */
const REORG_MARGIN = 64n;

/**
 * Follows a message from chain to chain. Yields the stage it is at, then each stage it is seen to come to, and ends after
 * `delivered`; a stage that passes between two looks is not yielded. Nothing but the two chains is asked; where a node gives no
 * answer, however often its client's transport asks, it throws, and another one with the same message tells the stage it finds.
 */
export async function* trackMessage(
  parameters: TrackMessageParameters,
): AsyncGenerator<MessageProgress, void, undefined> {
  const { path, message, signal, logRange } = parameters;
  const guid = isHex(message) ? message : message.packet.guid;
  let sent = isHex(message) ? undefined : message;
  let fromBlock = parameters.fromBlock ?? (sent === undefined ? 0n : before(sent.blockNumber));
  /** Searches what has not been searched before, but for a margin. */
  const search = async (): Promise<SentPacket | undefined> => {
    const toBlock = await getBlockNumber(path.source.client, { cacheTime: 0 });
    const found = await find(path.source, guid, logRangesBack(fromBlock, toBlock, logRange));
    const searched = before(found?.blockNumber ?? toBlock);
    if (searched > fromBlock) fromBlock = searched;
    return found;
  };
  let told = "";
  for await (const _ of looks(path.destination.client, parameters)) {
    sent ??= await unlessAborted(search(), signal);
    if (sent === undefined) continue; // not in a block yet, as far as this node knows
    let detail = await unlessAborted(readStage(path, sent), signal);
    if (detail.name === "orphaned") {
      const again = await unlessAborted(search(), signal);
      if (again !== undefined) {
        sent = again;
        detail = await unlessAborted(readStage(path, sent), signal);
      }
    }
    const stage = STAGES[detail.name];
    const telling = `${stage} ${packetKey(sent)}`;
    if (telling !== told) yield { stage, sent, detail };
    told = telling;
    if (stage === "delivered") return;
  }
}

const before = (blockNumber: bigint): bigint => (blockNumber > REORG_MARGIN ? blockNumber - REORG_MARGIN : 0n);

/** The last packet with a guid: a chain holds one, but for a node in the middle of a reorg. */
async function find(source: MessageEnd, guid: Hex, ranges: Iterable<LogRange>): Promise<SentPacket | undefined> {
  for (const range of ranges) {
    const packets = await findSentPackets(source, range);
    const sent = packets.findLast(({ packet }) => packet.guid === guid.toLowerCase());
    if (sent !== undefined) return sent;
  }
  return undefined;
}
