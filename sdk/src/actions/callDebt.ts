import type { Address, Hex } from "viem";
import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { LiquidationWords } from "./readMargin.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/** {s} between calling a debt and the sale of what secures it (L-12) */
export const DEBT_NOTICE = 43_200n;
/** {s} that the sale lasts */
export const DEBT_SALE = 14_400n;

export type CallDebtParameters = {
  readonly liquidation: Address;
  readonly account: Hex;
  /** the newest epoch, proven or not */
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
};

/**
 * Gives notice to an account that owes dollars: unless they come, its collateral is for sale after {@link DEBT_NOTICE}. Anyone.
 * Refused with `NothingOwed`, `DebtCalledBefore`, `EpochNotNewest`, or for the words.
 */
export const callDebt = (client: WritingClient, parameters: CallDebtParameters): Promise<Sent> =>
  sendCall(client, callDebtCall(parameters));

export const callDebtCall = ({ liquidation, account, epoch, arrayWords }: CallDebtParameters): ContractCall =>
  contractCall({
    address: liquidation,
    abi: liquidationAbi,
    functionName: "callDebt",
    args: [account, epoch, arrayWords],
  });
