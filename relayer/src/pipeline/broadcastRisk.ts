import { broadcastRisk, readLatestRiskIndex, riskBeaconAbi } from "@equipoise/sdk/actions";
import { runStep } from "../stepFailed.ts";
import { type Context, hubSite, sitesOf } from "./context.ts";
import { lastLogs } from "./logScan.ts";

export type BroadcastedRisk = {
  /** spokes a message left for */
  readonly dstEids: readonly number[];
  readonly gasUsed?: bigint;
  /** {ms} of this process' clock when the message was in a block */
  readonly sentAt?: number;
};

/**
 * Sends the hub's newest risk state to every spoke that neither has it nor has it on its way, in one transaction. A spoke that
 * cannot be asked holds up no other: it is sent to at a later run.
 * @param mayReach spokes that are asked at all
 */
export function broadcastNewestRisk(
  context: Context,
  mayReach: (chainId: number) => boolean = () => true,
): Promise<BroadcastedRisk> {
  return runStep("broadcast", async () => {
    const { chain, deployment } = hubSite(context);
    const newest = await readLatestRiskIndex(chain.reader, deployment);
    if (newest === 0n) return { dstEids: [] };
    const { riskBeacon: address, block } = deployment;
    const broadcasts = { address, block, abi: riskBeaconAbi, eventName: "RiskStateBroadcast" } as const;
    const last = await lastLogs(chain, broadcasts, ({ args }) => String(args.dstEid));
    const sent = new Set(last.filter(({ args }) => args.index === newest).map(({ args }) => args.dstEid));
    const spokes = sitesOf(context).filter(
      (site) => site.deployment.role === "spoke" && !sent.has(site.chain.eid) && mayReach(site.chain.chainId),
    );
    const states = await Promise.allSettled(
      spokes.map((spoke) => readLatestRiskIndex(spoke.chain.reader, spoke.deployment)),
    );
    const dstEids = spokes.flatMap(({ chain: { eid } }, place) => {
      const state = states[place];
      return state?.status === "fulfilled" && state.value < newest ? [eid] : [];
    });
    if (dstEids.length === 0) {
      const unread = states.find((state) => state.status === "rejected");
      if (unread !== undefined) throw unread.reason;
      return { dstEids };
    }
    const signer = chain.signer(context.accounts.relayer);
    const { gasUsed } = await broadcastRisk(signer, { riskBeacon: deployment.riskBeacon, dstEids });
    return { dstEids, gasUsed, sentAt: performance.now() };
  });
}
