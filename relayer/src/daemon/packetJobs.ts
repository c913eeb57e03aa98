import {
  type DeliveryStage,
  findSentPackets,
  findSentPacketsInBlock,
  logRanges,
  packetKey,
  type SentPacket,
} from "@equipoise/sdk/actions";
import type { Logger } from "pino";
import type { Hex } from "viem";
import { bytes, type Database, type Queries } from "../database/database.ts";
import type { Jobs } from "../database/jobs.ts";
import { type Delivery, deliver } from "../layerzero/delivery.ts";
import { endOf, type RouteEnd } from "../layerzero/route.ts";
import type { Context, Site } from "../pipeline/context.ts";
import { routeEnd, sendersAt } from "../pipeline/deliverPackets.ts";
import { REORG_MARGIN } from "../pipeline/logScan.ts";
import { StepFailed } from "../stepFailed.ts";
import { TransactionGivenUp } from "../transactions/submitter.ts";
import { cursorsOf } from "./cursors.ts";
import { growingDelays } from "./growingDelays.ts";

export const PACKET_QUEUE = "packet";
/** {s} */
export const PACKET_LIMIT = 300;

/** Names a row of `packets`, and the job that carries it. */
export type PacketName = {
  readonly guid: Hex;
  readonly payloadHash: Hex;
  readonly blockHash: Hex;
  readonly srcEid: number;
};

const nameOf = ({ packet, proof, blockHash }: SentPacket): PacketName => ({
  guid: packet.guid,
  payloadHash: proof.payloadHash,
  blockHash,
  srcEid: packet.srcEid,
});
const keyOf = ({ guid, payloadHash, blockHash }: PacketName): string => `${guid}:${payloadHash}:${blockHash}`;
const primaryKey = ({ guid, payloadHash, blockHash }: PacketName) =>
  [bytes(guid), bytes(payloadHash), bytes(blockHash)] as const;

/** Packets of this deployment that a chain has sent from a block on, in ranges; nothing where nobody of it sends there. */
export async function* sentFrom(context: Context, site: Site, fromBlock: bigint) {
  const senders = sendersAt(context, site);
  if (senders.size === 0) return;
  const source = endOf(routeEnd(context, site));
  const head = await site.chain.reader.getBlockNumber();
  for (const range of logRanges(fromBlock, head)) {
    const sent = await findSentPackets(source, range);
    yield { toBlock: range.toBlock, packets: sent.filter(({ packet }) => senders.has(packet.sender)) };
  }
}

/** Writes down the packets a chain has sent since the last look: rows, a job each, and how far it looked, in one transaction. */
export async function findPackets(context: Context, database: Database, jobs: Jobs, site: Site): Promise<number> {
  const { eid } = site.chain;
  const cursors = cursorsOf(context.deployment);
  const first = BigInt(site.deployment.block);
  const resumed = ((await cursors.read(database, eid)) ?? first) - REORG_MARGIN;
  let found = 0;
  for await (const { toBlock, packets } of sentFrom(context, site, resumed > first ? resumed : first)) {
    await database.transaction(async (within) => {
      for (const packet of packets) found += await writePacket(within, jobs, packet);
      await cursors.keep(within, eid, toBlock + 1n);
    });
  }
  return found;
}

async function writePacket(within: Queries, jobs: Jobs, sent: SentPacket): Promise<number> {
  const { packet, blockNumber } = sent;
  const name = nameOf(sent);
  const rows = await within.query(
    `INSERT INTO equipoise.packets
       (guid, payload_hash, block_hash, src_eid, dst_eid, sender, nonce, block_number)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (guid, payload_hash, block_hash) DO UPDATE SET stage = 'seen', ended_at = NULL
       WHERE packets.stage = 'orphaned' -- its block is in the chain again
     RETURNING 1`,
    [...primaryKey(name), packet.srcEid, packet.dstEid, bytes(packet.sender), packet.nonce, blockNumber],
  );
  if (rows.length === 1) await jobs.enqueue(within, PACKET_QUEUE, keyOf(name), name);
  return rows.length;
}

/** {s} until a packet that cannot go on now is looked at again, by what it waits for */
const PATIENCE: Readonly<Partial<Record<DeliveryStage["name"], number>>> = { waiting: 2, unreceivable: 60 };
const CONFIRMING_PATIENCE = 2;
/** {s} for what only the executor that was paid can do */
const LEFT_PATIENCE = 600;
/** {s} at most, for what others do */
const OTHERS_PATIENCE = 15;
const READY: ReadonlySet<DeliveryStage["name"]> = new Set(["committing", "executing"]);

/**
 * Carries packets from job to job until the chains say they have arrived, or their block is gone.
 * @param takeOverAfter {s} what is ready is left to another executor
 */
export async function workPackets(
  contextOf: () => Context,
  siteOf: (eid: number) => Site,
  database: Database,
  jobs: Jobs,
  mayWork: (chainIds: readonly number[]) => Promise<boolean>,
  onFailure: (error: unknown) => Promise<void>,
  takeOverAfter: number,
  log: Logger,
): Promise<void> {
  const othersPatience = Math.max(1, Math.min(OTHERS_PATIENCE, takeOverAfter));
  const delays = growingDelays();
  const later = (name: PacketName, after: number): Promise<void> =>
    database.transaction((within) => jobs.enqueue(within, PACKET_QUEUE, keyOf(name), name, after));
  await jobs.work<PacketName>(PACKET_QUEUE, 2, async ({ data: name }) => {
    const [row] = await database.query<{ dst_eid: bigint; ended_at: Date | null; overdue: boolean | null }>(
      `SELECT dst_eid, ended_at, ready_at + $4 * interval '1 second' <= now() AS overdue
       FROM equipoise.packets WHERE guid = $1 AND payload_hash = $2 AND block_hash = $3`,
      [...primaryKey(name), takeOverAfter],
    );
    if (row === undefined || row.ended_at !== null) return;
    const [from, to] = [siteOf(name.srcEid), siteOf(Number(row.dst_eid))];
    if (!(await mayWork([from.chain.chainId, to.chain.chainId]))) return later(name, 5);
    const source = routeEnd(contextOf(), from);
    let carried: Pick<Delivery, "stage" | "leftToExecutor">;
    try {
      carried = await carry(source, routeEnd(contextOf(), to), name, row.overdue === true);
    } catch (error) {
      await onFailure(error);
      log.warn({ packet: keyOf(name), reason: (error as Error).message }, "failed");
      if ((error instanceof StepFailed && !error.retry) || isGivenUp(error)) throw error; // tried again, then a dead letter
      return later(name, delays.after(keyOf(name)));
    }
    delays.end(keyOf(name));
    const { stage, leftToExecutor } = carried;
    const place = { packet: keyOf(name), from: name.srcEid, to: Number(row.dst_eid), stage: stage.name };
    log.info({ ...place, ...(leftToExecutor === undefined ? {} : { leftToExecutor }) }, "packet");
    const ready = READY.has(stage.name); // and left to others
    const ended = stage.name === "delivered" || stage.name === "orphaned";
    await database.transaction(async (within) => {
      await within.query(
        `UPDATE equipoise.packets SET stage = $4, read_at = now(), ended_at = CASE WHEN $5 THEN now() END,
           ready_at = CASE WHEN $6 THEN coalesce(ready_at, now()) END
         WHERE guid = $1 AND payload_hash = $2 AND block_hash = $3`,
        [...primaryKey(name), leftToExecutor === undefined ? stage.name : "leftToExecutor", ended, ready],
      );
      const others = ready || stage.name === "verifying" ? othersPatience : undefined;
      const left = leftToExecutor === undefined ? undefined : LEFT_PATIENCE;
      const after = left ?? others ?? PATIENCE[stage.name] ?? CONFIRMING_PATIENCE;
      if (!ended) await jobs.enqueue(within, PACKET_QUEUE, keyOf(name), name, after);
    });
  });
}

/** What the chains say of a packet after everything this relayer can do for it now. Its content is read from its block again. */
async function carry(
  source: RouteEnd,
  destination: RouteEnd,
  name: PacketName,
  takesOver: boolean,
): Promise<Pick<Delivery, "stage" | "leftToExecutor">> {
  const kept = await findSentPacketsInBlock(endOf(source), name.blockHash);
  const sent = kept.find((one) => packetKey(one) === keyOf(name));
  if (sent === undefined) return { stage: { name: "orphaned" } };
  return deliver({ source, destination }, sent, takesOver);
}

/** Whether no node takes a packet's transaction: each further one would cost a transfer of nothing, and a worker's time. */
function isGivenUp(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof TransactionGivenUp) return true;
  return false;
}

/** After a start: a job for each packet that has not arrived. Those that have one keep it. */
export async function resumePackets(database: Database, jobs: Jobs): Promise<void> {
  const rows = await database.query<{ guid: Hex; payload_hash: Hex; block_hash: Hex; src_eid: bigint }>(
    "SELECT guid, payload_hash, block_hash, src_eid FROM equipoise.packets WHERE ended_at IS NULL",
  );
  await database.transaction(async (within) => {
    for (const { guid, payload_hash, block_hash, src_eid } of rows) {
      const name = { guid, payloadHash: payload_hash, blockHash: block_hash, srcEid: Number(src_eid) };
      await jobs.enqueue(within, PACKET_QUEUE, keyOf(name), name);
    }
  });
}
