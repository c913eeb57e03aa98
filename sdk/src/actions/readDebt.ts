import type { Address, Client, Hex } from "viem";
import { readContract } from "viem/actions";
import { liquidationAbi } from "./abi/liquidation.ts";
import { marginEngineAbi } from "./abi/marginEngine.ts";
import type { LiquidationWords } from "./readMargin.ts";

export type ReadDebtParameters = {
  readonly liquidation: Address;
  readonly marginEngine: Address;
  readonly account: Hex;
  /** of the collateral that would be sold */
  readonly lane: number;
  /** the newest epoch, proven or not */
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
};

/** What an account owes, and what a sale of its collateral goes by (L-12). */
export type Debt = {
  /** {ppm of a dollar} what it lacks without its collateral: cash and what its positions are worth, below 0 */
  readonly debt: bigint;
  /** {ppt of a dollar} of a token, in the epoch */
  readonly price: bigint;
  /** {ppm} how far above the price a sale begins, and below it ends; 10⁶ where the lane is not sold */
  readonly haircut: bigint;
  /** {s} when it was last called, 0 for never */
  readonly calledAt: bigint;
};

/** Reads what an account owes. Refused with `EpochNotNewest`, `EpochTooOld`, `WordsDiffer`, `ArrayWordsMissing`. */
export async function readDebt(
  client: Client,
  { liquidation, marginEngine, account, lane, epoch, arrayWords }: ReadDebtParameters,
): Promise<Debt> {
  const [[debt, price, haircut], calledAt] = await Promise.all([
    readContract(client, {
      address: marginEngine,
      abi: marginEngineAbi,
      functionName: "debtOf",
      args: [account, BigInt(lane), epoch, arrayWords],
    }),
    readContract(client, {
      address: liquidation,
      abi: liquidationAbi,
      functionName: "debtCalledAt",
      args: [account],
    }),
  ]);
  return { debt, price, haircut, calledAt };
}
