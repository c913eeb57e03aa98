import type { Address } from "viem";
import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { LiquidationWords } from "./readMargin.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type StopLiquidationParameters = {
  readonly liquidation: Address;
  readonly auction: bigint;
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
};

/** Ends the auction of an account that has recovered by the newest epoch, or has run its time. Anyone. Refused with `AccountNotRecovered`. */
export const stopLiquidation = (client: WritingClient, parameters: StopLiquidationParameters): Promise<Sent> =>
  sendCall(client, stopLiquidationCall(parameters));

export const stopLiquidationCall = (parameters: StopLiquidationParameters): ContractCall =>
  contractCall({
    address: parameters.liquidation,
    abi: liquidationAbi,
    functionName: "stop",
    args: [parameters.auction, parameters.epoch, parameters.arrayWords],
  });
