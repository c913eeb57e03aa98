import type { AccountHoldings } from "@equipoise/sdk";
import { clearingHouseAbi, holdingsOf } from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import { fewAtOnce } from "../../fewAtOnce.ts";
import type { Context } from "../context.ts";
import { lastLogs } from "../logScan.ts";
import { isFree } from "./accountStatement.ts";
import { clearingSite } from "./clearingSite.ts";

/** An account as it was last written, and as it is after what is due to it: of a free one only a share of a loss, which is not asked for. */
export type HouseAccount = {
  readonly account: Hex;
  readonly written: AccountHoldings;
  readonly due: AccountHoldings;
  /** the ten words of `due` */
  readonly words: readonly bigint[];
};

/** Whether nothing is due to an account, a share of a loss included. */
export const isSettled = ({ written, due }: Pick<HouseAccount, "written" | "due">): boolean =>
  written.cash === due.cash && written.positions.length === due.positions.length;

/** Holds nothing and owes dollars: there is nothing to sell, and the backstop pays. */
export const isBareDebt = ({ positions, cash, balances }: AccountHoldings): boolean =>
  positions.length === 0 && cash < 0n && balances.every((balance) => balance === 0n);

/** Every account that has ever held anything, in the order of their first change. */
export async function readHouseAccounts(context: Context): Promise<HouseAccount[]> {
  const { chain, clearing } = clearingSite(context);
  const { clearingHouse: address, block } = clearing;
  const house = { address, abi: clearingHouseAbi } as const;
  const source = { ...house, block, eventName: "AccountChanged" } as const;
  const last = await lastLogs(chain, source, ({ args }) => args.account);
  return fewAtOnce(last, async ({ args: { account, words: kept } }) => {
    const written = holdingsOf(kept);
    // most accounts that ever were: no loss takes more than what they are owed (L-8)
    if (isFree(written)) return { account, written, due: written, words: kept };
    const words = await chain.reader.readContract({ ...house, functionName: "accountWords", args: [account] });
    return { account, written, due: holdingsOf(words), words };
  });
}
