import { WAD } from "@equipoise/sdk";
import { approve, bid, parityVaultAbi, type RebalanceLane, type VaultRebalance } from "@equipoise/sdk/actions";
import { erc20Abi, maxUint256, parseEventLogs } from "viem";
import { chainTime, setNextBlockTime } from "../chains/clock.ts";
import { runStep, StepFailed } from "../stepFailed.ts";
import type { Context, VaultSite } from "./context.ts";

/** A bid that was filled. */
export type FilledBid = {
  readonly lane: number;
  /** whether the vault bought */
  readonly buying: boolean;
  /** {token units} */
  readonly amount: bigint;
  /** {cash units} */
  readonly cashAmount: bigint;
  /** {D18} cash per whole token */
  readonly price: bigint;
  readonly gasUsed: bigint;
  /** what the vault was first let take from the bidder; absent where it already could */
  readonly approved?: string;
};

/** Looks at the auctions this often while they run. */
const LOOKS = 24n;

/**
 * Local chains only: a bidder watches a rebalance through its time and takes a lane as soon as the auction's price is at least as
 * good as its own market's. It trades from its own account, and never past its market price.
 * @param marketPrices {D18} cash per whole token, one per lane
 */
export function fillRebalance(
  context: Context,
  site: VaultSite,
  rebalance: VaultRebalance,
  marketPrices: readonly bigint[],
): Promise<FilledBid[]> {
  return runStep(`fill rebalance of ${site.mandate} on eid ${site.deployment.eid}`, async () => {
    const bids: FilledBid[] = [];
    const { startTime, endTime } = rebalance;
    const now = await chainTime(site.chain);
    const pause = (endTime - startTime) / LOOKS > 0n ? (endTime - startTime) / LOOKS : 1n;
    // What the vault sells comes first: it pays for what the vault buys.
    const lanes = rebalance.lanes.toSorted((one, other) => Number(one.buying) - Number(other.buying));
    for (let time = laterOf(startTime, now); time < endTime; time += pause) {
      let open = false;
      for (const lane of lanes) {
        await setNextBlockTime(site.chain, time);
        const left = await lookAt(site, lane);
        if (left.amount === 0n) continue;
        open = true;
        const filled = await takeLane(context, site, rebalance.id, lane, left, marketPrices[lane.lane] ?? 0n);
        if (filled !== undefined) bids.push(filled);
      }
      if (!open) break;
    }
    return bids;
  });
}

/** `Math.max` for times. */
function laterOf(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

type Left = { readonly amount: bigint; readonly price: bigint };

/** What a lane still trades in the next block, and at what price. */
async function lookAt({ chain, vault: address }: VaultSite, { lane }: RebalanceLane): Promise<Left> {
  const vault = { address, abi: parityVaultAbi, blockTag: "pending" } as const;
  const amount = await chain.reader.readContract({ ...vault, functionName: "auctionAmount", args: [BigInt(lane)] });
  if (amount === 0n) return { amount, price: 0n };
  const price = await chain.reader.readContract({ ...vault, functionName: "auctionPrice", args: [BigInt(lane)] });
  return { amount, price };
}

/** Bids on one lane if its price in the next block is at least as good as the market's. */
export async function bidOnce(
  context: Context,
  site: VaultSite,
  rebalanceId: bigint,
  lane: RebalanceLane,
  marketPrice: bigint,
): Promise<FilledBid | undefined> {
  const left = await lookAt(site, lane);
  return left.amount === 0n ? undefined : takeLane(context, site, rebalanceId, lane, left, marketPrice);
}

async function takeLane(
  { accounts }: Context,
  { chain, deployment, vault }: VaultSite,
  rebalanceId: bigint,
  { lane, buying }: RebalanceLane,
  { amount, price }: Left,
  marketPrice: bigint,
): Promise<FilledBid | undefined> {
  if (buying ? price < marketPrice : price > marketPrice) return undefined;
  const { cash, tokens } = deployment;
  const token = tokens[lane];
  if (token === undefined) return undefined;
  const paidIn = buying ? token : cash;
  const bidder = accounts.bidder.address;
  const pays = { address: paidIn.address, abi: erc20Abi } as const;
  const [funds, allowance] = await Promise.all([
    chain.reader.readContract({ ...pays, functionName: "balanceOf", args: [bidder] }),
    chain.reader.readContract({ ...pays, functionName: "allowance", args: [bidder, vault] }),
  ]);
  // {token units} = {cash units} · {token units/token} · {D18} / {cash units/cash} / {D18}, rounded down: what the vault asks, rounded up, is there
  const affordable = buying
    ? funds
    : (funds * 10n ** BigInt(token.decimals) * WAD) / (10n ** BigInt(cash.decimals) * price);
  const most = affordable < amount ? affordable : amount;
  if (most === 0n) {
    const lacks = `bidder ${bidder} holds too little ${paidIn.symbol} on eid ${deployment.eid} for lane ${lane}`;
    throw new StepFailed(`${lacks}: fund its account`, { retry: false });
  }
  const signer = chain.signer(accounts.bidder);
  // The vault takes from who calls it alone. Of an allowance that covers all there is nothing is missing later.
  const approves = allowance < funds;
  if (approves) await approve(signer, { token: paidIn.address, spender: vault, amount: maxUint256 });
  const bidding = { vault, rebalanceId, lane, amount: most, limit: marketPrice, receiver: bidder };
  const { logs, gasUsed } = await bid(signer, bidding);
  const [filled] = parseEventLogs({ abi: parityVaultAbi, eventName: "BidFilled", logs: [...logs] });
  if (filled === undefined) throw new StepFailed(`a bid on lane ${lane} was mined without BidFilled`, { retry: true });
  const { amount: taken, cashAmount, price: paid } = filled.args;
  const made = { lane, buying, amount: taken, cashAmount, price: paid, gasUsed };
  return approves ? { ...made, approved: paidIn.symbol } : made;
}
