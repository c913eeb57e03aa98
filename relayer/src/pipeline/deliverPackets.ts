import {
  addressToBytes32,
  findSentPackets,
  logRanges,
  packetKey,
  readStage,
  type SentPacket,
} from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import { mineBlocks } from "../chains/clock.ts";
import { type Delivery, deliver } from "../layerzero/delivery.ts";
import { endOf, pathOf, type Route, type RouteEnd } from "../layerzero/route.ts";
import { runStep } from "../stepFailed.ts";
import { type Context, type Site, sitesOf } from "./context.ts";
import { REORG_MARGIN } from "./logScan.ts";

export type DeliveredPacket = {
  /** 32 bytes, as the packet names it */
  readonly sender: Hex;
  readonly dstEid: number;
  readonly delivery: Delivery;
  /** {ms} of this process' clock when the receiver had run; nothing where it already had */
  readonly deliveredAt?: number;
};

/**
 * Carries every packet of this deployment's applications that has not arrived, from whichever chain. Which ones those are,
 * both chains say; the stored cursors only shorten the search.
 */
export function deliverPackets(context: Context): Promise<DeliveredPacket[]> {
  return runStep("deliver", async () => {
    const all: DeliveredPacket[] = [];
    // One source after the other: two at once would race for the nonces of one account at their common destination.
    for (const site of sitesOf(context)) all.push(...(await deliverFrom(context, site)));
    return all;
  });
}

/** Who of this deployment sends messages from a chain, as packets name them. */
export function sendersAt({ deployment: { clearing } }: Context, { deployment }: Site): Set<Hex> {
  const gate = clearing?.gates.find(({ eid }) => eid === deployment.eid)?.collateralGate;
  const onHub = deployment.role === "hub" ? [deployment.riskBeacon, clearing?.collateralHub] : [];
  const senders = [gate, ...onHub].flatMap((address) => (address === undefined ? [] : [address]));
  return new Set(senders.map((address) => addressToBytes32(address).toLowerCase() as Hex));
}

async function deliverFrom(context: Context, from: Site): Promise<DeliveredPacket[]> {
  const senders = sendersAt(context, from);
  if (senders.size === 0) return [];
  const { eid } = from.chain;
  const source = routeEnd(context, from);
  const toBlock = await from.chain.reader.getBlockNumber();
  const cursor = (await context.store.cursor(eid)) ?? 0n;
  const start = BigInt(from.deployment.block);
  const fromBlock = cursor - REORG_MARGIN > start ? cursor - REORG_MARGIN : start;
  const packets: SentPacket[] = [];
  for (const range of logRanges(fromBlock, toBlock)) packets.push(...(await findSentPackets(endOf(source), range)));
  const delivered = await Promise.all(
    sitesOf(context).map((site) => {
      const own = packets.filter(({ packet }) => senders.has(packet.sender) && packet.dstEid === site.chain.eid);
      return deliverInOrder({ source, destination: routeEnd(context, site) }, own);
    }),
  );
  const all = delivered.flat();
  const open = all.filter(({ delivery }) => !["delivered", "orphaned"].includes(delivery.stage.name));
  const lowest = open.map(({ delivery }) => delivery.sent.blockNumber).sort((one, other) => (one < other ? -1 : 1))[0];
  await context.store.keepCursor(eid, lowest ?? toBlock + 1n);
  return all;
}

/** One path's packets from the lowest nonce up: a higher one may not run before a lower one is committed. */
async function deliverInOrder(route: Route, packets: readonly SentPacket[]): Promise<DeliveredPacket[]> {
  const results: DeliveredPacket[] = [];
  for (const sent of packets) {
    const before = await readStage(pathOf(route), sent);
    const { sender, dstEid } = sent.packet;
    if (before.name === "delivered" || before.name === "orphaned") {
      results.push({
        sender,
        dstEid,
        delivery: { key: packetKey(sent), sent, stage: before, gas: { verify: [] }, lostRaces: 0 },
      });
      continue;
    }
    // A local chain only grows when something is sent: the confirmations are mined for it.
    if (before.name === "confirming") await mineBlocks(route.source.chain, before.missing);
    const delivery = await deliver(route, sent);
    results.push({
      sender,
      dstEid,
      delivery,
      ...(delivery.gas.execute === undefined ? {} : { deliveredAt: performance.now() }),
    });
  }
  return results;
}

/** A chain as an end of paths. */
export const routeEnd = ({ accounts }: Context, { chain, deployment }: Site): RouteEnd => ({
  chain,
  layerZero: deployment.layerZero,
  operator: accounts.relayer,
});
