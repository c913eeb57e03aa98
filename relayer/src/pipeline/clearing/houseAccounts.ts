import type { AccountHoldings } from "@equipoise/sdk";
import { clearingHouseAbi, holdingsOf } from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";

/** An account as it was last written, and as it is after what is due to it. */
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
  const { clearingHouse } = clearing;
  const logs = await chain.reader.getContractEvents({
    address: clearingHouse,
    abi: clearingHouseAbi,
    eventName: "AccountChanged",
    fromBlock: BigInt(clearing.block),
    strict: true,
  });
  const last = new Map(logs.map(({ args }) => [args.account, args.words]));
  return Promise.all(
    [...last].map(async ([account, written]) => {
      const words = await chain.reader.readContract({
        address: clearingHouse,
        abi: clearingHouseAbi,
        functionName: "accountWords",
        args: [account],
      });
      return { account, written: holdingsOf(written), due: holdingsOf(words), words };
    }),
  );
}
