import { mineBlocks } from "../chains/clock.ts";
import { type Delivery, deliver } from "../layerzero/delivery.ts";
import { addressToBytes32 } from "../layerzero/packet.ts";
import type { Route, RouteEnd } from "../layerzero/route.ts";
import { findSentPackets, packetKey, type SentPacket } from "../layerzero/sentPacket.ts";
import { readStage } from "../layerzero/stage.ts";
import { runStep } from "../stepFailed.ts";
import { type Context, hubSite, type Site, sitesOf } from "./context.ts";

/** {blocks} looked at again below the cursor: a reorg may have put other packets there */
const REORG_MARGIN = 64n;

export type DeliveredPacket = {
  readonly dstEid: number;
  readonly delivery: Delivery;
  /** {ms} of this process' clock when the receiver had run; nothing where it already had */
  readonly deliveredAt?: number;
};

/**
 * Carries every packet of the beacon that has not arrived. Which ones those are, both chains say; the stored cursor only
 * shortens the search.
 */
export function deliverPackets(context: Context): Promise<DeliveredPacket[]> {
  return runStep("deliver", async () => {
    const hub = hubSite(context);
    const source = routeEnd(context, hub);
    const toBlock = await hub.chain.reader.getBlockNumber();
    const cursor = context.store.cursor(hub.chain.eid) ?? 0n;
    const start = BigInt(hub.deployment.block);
    const fromBlock = cursor - REORG_MARGIN > start ? cursor - REORG_MARGIN : start;
    const packets = (await findSentPackets(source, { fromBlock, toBlock })).filter(
      ({ packet }) => packet.sender === addressToBytes32(hub.deployment.riskBeacon).toLowerCase(),
    );
    const destinations = sitesOf(context).filter((site) => site.deployment.role === "spoke");
    const delivered = await Promise.all(
      destinations.map((site) => {
        const own = packets.filter(({ packet }) => packet.dstEid === site.chain.eid);
        return deliverInOrder({ source, destination: routeEnd(context, site) }, own);
      }),
    );
    const all = delivered.flat();
    const open = all.filter(({ delivery }) => !["delivered", "orphaned"].includes(delivery.stage.name));
    const lowest = open
      .map(({ delivery }) => delivery.sent.blockNumber)
      .sort((one, other) => (one < other ? -1 : 1))[0];
    context.store.keepCursor(hub.chain.eid, lowest ?? toBlock + 1n);
    return all;
  });
}

/** One path's packets from the lowest nonce up: a higher one may not run before a lower one is committed. */
async function deliverInOrder(route: Route, packets: readonly SentPacket[]): Promise<DeliveredPacket[]> {
  const results: DeliveredPacket[] = [];
  for (const sent of packets) {
    const before = await readStage(route, sent);
    const dstEid = sent.packet.dstEid;
    if (before.name === "delivered" || before.name === "orphaned") {
      results.push({
        dstEid,
        delivery: { key: packetKey(sent), sent, stage: before, gas: { verify: [] }, lostRaces: 0 },
      });
      continue;
    }
    // A local chain only grows when something is sent: the confirmations are mined for it.
    if (before.name === "confirming") await mineBlocks(route.source.chain, before.missing);
    const delivery = await deliver(route, sent);
    results.push({
      dstEid,
      delivery,
      ...(delivery.gas.execute === undefined ? {} : { deliveredAt: performance.now() }),
    });
  }
  return results;
}

const routeEnd = ({ accounts }: Context, { chain, deployment }: Site): RouteEnd => ({
  chain,
  layerZero: deployment.layerZero,
  operator: accounts.relayer,
});
