import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { AssessAccountParameters } from "./readLiquidation.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

/**
 * Opens the auction of an account that is below the maintenance requirement of one scenario. Anyone. Refused with
 * `AccountHealthy`, `AuctionRunning`, or for the words.
 */
export const startLiquidation = (client: WritingClient, parameters: AssessAccountParameters): Promise<Sent> =>
  sendCall(client, startLiquidationCall(parameters));

export const startLiquidationCall = (parameters: AssessAccountParameters): ContractCall =>
  contractCall({
    address: parameters.liquidation,
    abi: liquidationAbi,
    functionName: "start",
    args: [parameters.account, BigInt(parameters.scenario), parameters.epoch, parameters.arrayWords],
  });
