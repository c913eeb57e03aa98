import { addressToBytes32, readObservationLog } from "@equipoise/sdk/actions";
import { type AcceptedRisk, proveAndAcceptRisk } from "./acceptRisk.ts";
import { type AllocatedVault, proveAndAllocate } from "./allocateVaults.ts";
import { type BroadcastedRisk, broadcastNewestRisk } from "./broadcastRisk.ts";
import { type Context, hubSite } from "./context.ts";
import { type DeliveredPacket, deliverPackets } from "./deliverPackets.ts";
import { bringSpokesUp, type RebalancedVault, rebalanceVaults } from "./rebalanceVaults.ts";

/** What an epoch did. Parts that were done before this run are empty. */
export type EpochReport = {
  readonly risk: AcceptedRisk;
  readonly broadcast: BroadcastedRisk;
  readonly deliveries: readonly DeliveredPacket[];
  /** {ms} from PacketSent in a block to the end of lzReceive, per destination */
  readonly latencies: readonly { readonly dstEid: number; readonly ms: number }[];
  readonly allocations: readonly AllocatedVault[];
  readonly rebalances: readonly RebalancedVault[];
};

/** Names of an epoch's steps, in order. */
export const EPOCH_STEPS = ["acceptRisk", "broadcast", "deliver", "allocate", "rebalance"] as const;
export type EpochStep = (typeof EPOCH_STEPS)[number];

/** A step's result as soon as it is there. */
export type OnStep = <step extends EpochStep>(step: step, result: EpochStepResult[step], ms: number) => void;
export type EpochStepResult = {
  readonly acceptRisk: AcceptedRisk;
  readonly broadcast: BroadcastedRisk;
  readonly deliver: readonly DeliveredPacket[];
  readonly allocate: readonly AllocatedVault[];
  readonly rebalance: readonly RebalancedVault[];
};

/**
 * Local chains: one epoch, from the newest window to vaults within their bands. Each step reads what is left to do from
 * the chains, so an epoch that ended anywhere is finished by running it again.
 * @param prices {D18} of this time, one per lane: for the spokes' feeds and as the bidder's market
 */
export async function runEpoch(
  context: Context,
  prices: readonly bigint[],
  onStep: OnStep = () => undefined,
): Promise<EpochReport> {
  const timed = async <step extends EpochStep>(
    step: step,
    work: () => Promise<EpochStepResult[step]>,
  ): Promise<EpochStepResult[step]> => {
    const started = performance.now();
    const result = await work();
    onStep(step, result, performance.now() - started);
    return result;
  };
  const risk = await timed("acceptRisk", () => proveAndAcceptRisk(context));
  const broadcast = await timed("broadcast", () => broadcastNewestRisk(context));
  const deliveries = await timed("deliver", () => deliverPackets(context));
  const beacon = addressToBytes32(hubSite(context).deployment.riskBeacon).toLowerCase();
  const latencies = deliveries.flatMap(({ sender, dstEid, deliveredAt }) =>
    sender !== beacon || deliveredAt === undefined || broadcast.sentAt === undefined
      ? []
      : [{ dstEid, ms: deliveredAt - broadcast.sentAt }],
  );
  await bringSpokesUp(context, prices);
  const allocations = await timed("allocate", () => proveAndAllocate(context));
  const { chain, deployment } = hubSite(context);
  const { lastObservedAt, interval } = await readObservationLog(chain.reader, deployment);
  const deadline = lastObservedAt + interval;
  const rebalances = await timed("rebalance", () => rebalanceVaults(context, prices, deadline));
  return { risk, broadcast, deliveries, latencies, allocations, rebalances };
}
