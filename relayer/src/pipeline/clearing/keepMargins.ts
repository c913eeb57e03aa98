import { liquidationAbi } from "@equipoise/sdk/actions";
import { type Hex, isAddressEqual, slice } from "viem";
import { openAttempts } from "../../attempts.ts";
import { fewAtOnce } from "../../fewAtOnce.ts";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { lastLogs } from "../logScan.ts";
import { type AssessedHouse, shortAccounts } from "./assessAccounts.ts";
import { clearingSite } from "./clearingSite.ts";
import { type AuctionLook, type Keeper, runAuction, stopRecovered, takeSlice } from "./keepAuction.ts";

/** What one look at all accounts came to. */
export type KeptMargins = {
  readonly looks: readonly (AuctionLook & { readonly account: Hex })[];
  /** whose auction has ended because they have recovered */
  readonly stopped: readonly Hex[];
};

/**
 * One look at every account that is short over the newest epoch, and at those that have an auction and are so no more. An account
 * that cannot be dealt with holds up no other: why not is thrown in the end, of each. Auctions are started and confirmed at once; slices
 * are taken one after another, as each changes what the keeper can carry.
 */
export function keepMargins(context: Context, house: AssessedHouse, keeper: Keeper): Promise<KeptMargins> {
  return runStep("keep margins", async () => {
    const isOwn = (account: Hex): boolean => isAddressEqual(slice(account, 0, 20), keeper.owner.address);
    // nobody bids for what is one's own, and the auction of it is another's to stop
    const short = shortAccounts(house).filter(({ account }) => !isOwn(account));
    const names = new Set(short.map(({ account }) => account));
    const others = (await auctionedAccounts(context)).filter((account) => !names.has(account) && !isOwn(account));
    const { attempt, end } = openAttempts();
    const running = await fewAtOnce(short, (one) =>
      attempt(one.account, async () => ({ one, look: await runAuction(context, house, one) })),
    );
    const looks: (AuctionLook & { readonly account: Hex })[] = [];
    for (const { one, look } of running.filter((found) => found !== undefined)) {
      const { account } = one;
      const taken = await attempt(account, () => takeSlice(context, house, one, look, keeper));
      looks.push({ account, ...look, ...(taken === undefined ? {} : { slice: taken }) });
    }
    const stops = await fewAtOnce(others, (account) =>
      attempt(account, async () =>
        (await stopRecovered(context, house, account)) === undefined ? undefined : account,
      ),
    );
    end();
    return { looks, stopped: stops.filter((account) => account !== undefined) };
  });
}

/** Every account that has had an auction. */
async function auctionedAccounts(context: Context): Promise<Hex[]> {
  const { chain, clearing } = clearingSite(context);
  const { liquidation: address, block } = clearing;
  const source = { address, block, abi: liquidationAbi, eventName: "AuctionStarted" } as const;
  return (await lastLogs(chain, source, ({ args }) => args.account)).map(({ args }) => args.account);
}
