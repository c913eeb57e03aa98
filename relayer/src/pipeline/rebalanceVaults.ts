import { unpackMandate } from "@equipoise/sdk";
import { parityVaultAbi, readMandate } from "@equipoise/sdk/actions";
import { eachInTurn } from "../attempts.ts";
import { advanceTime, chainTime } from "../chains/clock.ts";
import { runStep } from "../stepFailed.ts";
import { type Context, hubSite, sitesOf, type VaultSite, vaultsAt } from "./context.ts";
import { type FilledBid, fillRebalance } from "./fillRebalance.ts";
import { openVaultRebalance } from "./openRebalance.ts";
import { publishPrices } from "./publishPrices.ts";

/** {s} a local chain's clock also runs while this process works */
const SLACK = 120n;

/** One round of auctions of a vault. */
export type RebalanceRound = {
  readonly id: bigint;
  readonly openGas?: bigint;
  readonly bids: readonly FilledBid[];
};

export type RebalancedVault = {
  readonly eid: number;
  readonly mandate: string;
  readonly rounds: readonly RebalanceRound[];
  /** whether every lane ended within the mandate's band */
  readonly withinBand: boolean;
};

/** Local chains only: brings the spokes to the hub's time and gives their feeds these prices {D18}. */
export function bringSpokesUp(context: Context, prices: readonly bigint[]): Promise<void> {
  return runStep("bring spokes up", async () => {
    const now = await chainTime(hubSite(context).chain);
    const spokes = sitesOf(context).filter(({ deployment }) => deployment.role === "spoke");
    await Promise.all(
      spokes.map(async (site) => {
        if ((await chainTime(site.chain)) < now) await advanceTime(site.chain, now);
        await publishPrices(context, site, prices);
      }),
    );
  });
}

/**
 * Local chains only: opens and fills auctions on every vault, round after round, until all lanes are within the band or
 * another round would not end before the deadline.
 * @param marketPrices {D18} of the bidder's market
 * @param deadline {s} when the next observation is due
 */
export const rebalanceVaults = (
  context: Context,
  marketPrices: readonly bigint[],
  deadline: bigint,
): Promise<RebalancedVault[]> =>
  Promise.all(
    // The auctions of one chain share its clock: one vault after the other.
    sitesOf(context).map((site) =>
      eachInTurn(
        vaultsAt(site),
        ({ vault }) => vault,
        (vault) => rebalanceVault(context, vault, marketPrices, deadline),
      ),
    ),
  ).then((vaults) => vaults.flat());

async function rebalanceVault(
  context: Context,
  site: VaultSite,
  marketPrices: readonly bigint[],
  deadline: bigint,
): Promise<RebalancedVault> {
  const { chain, deployment, mandate } = site;
  const of = { eid: deployment.eid, mandate };
  const vault = { address: site.vault, abi: parityVaultAbi } as const;
  const [warmUp, auctionLength, running] = await Promise.all([
    chain.reader.readContract({ ...vault, functionName: "warmUp" }),
    chain.reader.readContract({ ...vault, functionName: "auctionLength" }),
    chain.reader.readContract({ ...vault, functionName: "rebalanceRunning" }),
  ]);
  const rounds: RebalanceRound[] = [];
  let goOn = running;
  for (;;) {
    const fits = (await chainTime(chain)) + warmUp + auctionLength + SLACK <= deadline;
    if (!goOn && !fits) return { ...of, rounds, withinBand: await isWithinBand(site) };
    goOn = false;
    const opened = await openVaultRebalance(context, site);
    if (opened === undefined) return { ...of, rounds, withinBand: true };
    const { rebalance, gasUsed } = opened;
    const bids = await fillRebalance(context, site, rebalance, marketPrices);
    rounds.push({ id: rebalance.id, bids, ...(gasUsed === undefined ? {} : { openGas: gasUsed }) });
    if ((await chainTime(chain)) < rebalance.endTime) await advanceTime(chain, rebalance.endTime);
  }
}

/** Whether no lane of a vault is further from its target than the mandate lets it. */
async function isWithinBand({ chain, vault: address }: VaultSite): Promise<boolean> {
  const vault = { address, abi: parityVaultAbi } as const;
  const [drift, words] = await Promise.all([
    chain.reader.readContract({ ...vault, functionName: "drift" }),
    readMandate(chain.reader, { vault: address }),
  ]);
  return drift <= unpackMandate(words).driftBand;
}
