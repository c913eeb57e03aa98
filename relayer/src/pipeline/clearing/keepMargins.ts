import { liquidationAbi } from "@equipoise/sdk/actions";
import { type Hex, isAddressEqual, slice } from "viem";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type AssessedHouse, shortAccounts } from "./assessAccounts.ts";
import { clearingSite } from "./clearingSite.ts";
import { type AuctionLook, type Keeper, lookAtAuction, stopRecovered } from "./keepAuction.ts";

/** What one look at all accounts came to. */
export type KeptMargins = {
  readonly looks: readonly (AuctionLook & { readonly account: Hex })[];
  /** whose auction has ended because they have recovered */
  readonly stopped: readonly Hex[];
};

/**
 * One look at every account that is short over the newest epoch, and at those that have an auction and are so no more. An account
 * that cannot be dealt with holds up no other: why not is thrown in the end.
 */
export function keepMargins(context: Context, house: AssessedHouse, keeper: Keeper): Promise<KeptMargins> {
  return runStep("keep margins", async () => {
    // nobody bids for what is one's own
    const short = shortAccounts(house).filter(
      ({ account }) => !isAddressEqual(slice(account, 0, 20), keeper.owner.address),
    );
    const names = new Set(short.map(({ account }) => account));
    const others = (await auctionedAccounts(context)).filter((account) => !names.has(account));
    const looks = await Promise.allSettled(
      short.map(async (one) => ({ account: one.account, ...(await lookAtAuction(context, house, one, keeper)) })),
    );
    const stops = await Promise.allSettled(
      others.map(async (account) => ((await stopRecovered(context, house, account)) === undefined ? [] : [account])),
    );
    const failed = [...looks, ...stops].find(({ status }) => status === "rejected") as
      | PromiseRejectedResult
      | undefined;
    if (failed !== undefined) throw failed.reason;
    return {
      looks: looks.flatMap((look) => (look.status === "fulfilled" ? [look.value] : [])),
      stopped: stops.flatMap((stop) => (stop.status === "fulfilled" ? stop.value : [])),
    };
  });
}

/** Every account that has had an auction. */
async function auctionedAccounts(context: Context): Promise<Hex[]> {
  const { chain, clearing } = clearingSite(context);
  const logs = await chain.reader.getContractEvents({
    address: clearing.liquidation,
    abi: liquidationAbi,
    eventName: "AuctionStarted",
    fromBlock: BigInt(clearing.block),
    strict: true,
  });
  return [...new Set(logs.map(({ args }) => args.account))];
}
