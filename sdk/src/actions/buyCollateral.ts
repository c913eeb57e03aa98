import type { Address, Hex } from "viem";
import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { LiquidationWords } from "./readMargin.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type BuyCollateralParameters = {
  readonly liquidation: Address;
  /** whose debt was called */
  readonly account: Hex;
  /** account of the sender: it has the dollars, and is free afterwards */
  readonly buyer: Hex;
  readonly lane: number;
  /** the newest epoch, proven or not */
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
  /** {ppm of a token} as much as may be sold, where that is less */
  readonly amount: bigint;
  /** {ppt of a dollar} the most to pay for a token */
  readonly limit: bigint;
};

/**
 * Buys collateral of an account whose debt was called; the dollars pay it (L-12). Refused with `SaleNotOpen`, `PriceAboveLimit`,
 * `NothingToSell`, `PurchaseTooSmall`, `LaneSilent`, `BuyerNotFree`, `AccountShort`, `EpochNotNewest`, or for the words.
 */
export const buyCollateral = (client: WritingClient, parameters: BuyCollateralParameters): Promise<Sent> =>
  sendCall(client, buyCollateralCall(parameters));

export const buyCollateralCall = ({ liquidation, lane, arrayWords, ...offer }: BuyCollateralParameters): ContractCall =>
  contractCall({
    address: liquidation,
    abi: liquidationAbi,
    functionName: "buyCollateral",
    args: [{ ...offer, lane: BigInt(lane) }, arrayWords],
  });
