import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";
import type { StopLiquidationParameters } from "./stopLiquidation.ts";

/** {s} for which an auction goes on after its account was last shown short: `LIFE` of the contract */
export const LIQUIDATION_LIFE = 1_200n;

export type ConfirmLiquidationParameters = StopLiquidationParameters & {
  /** in which the account is short */
  readonly scenario: number;
};

/**
 * Shows by the newest epoch that the account is still short, so that its auction goes on. Anyone. Refused with
 * `AccountHealthy`, or with `AuctionOver` where it comes too late.
 */
export const confirmLiquidation = (client: WritingClient, parameters: ConfirmLiquidationParameters): Promise<Sent> =>
  sendCall(client, confirmLiquidationCall(parameters));

export const confirmLiquidationCall = (parameters: ConfirmLiquidationParameters): ContractCall =>
  contractCall({
    address: parameters.liquidation,
    abi: liquidationAbi,
    functionName: "confirm",
    args: [parameters.auction, BigInt(parameters.scenario), parameters.epoch, parameters.arrayWords],
  });
