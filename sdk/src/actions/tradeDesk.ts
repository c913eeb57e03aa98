import { deskAuctionsAbi } from "./abi/deskAuctions.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { MarginProof } from "./marginProof.ts";
import type { DeskSeriesParameters } from "./readDesk.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";
import { orderMessage } from "./signOrder.ts";
import type { TradeSide } from "./trade.ts";

/**
 * Opens the auction of what a desk lacks of a series, or has too much. Refused with `GapWithinBand`, `AuctionRunning`,
 * `PriceMoved`, `EpochStale`, and where the vault's allocation is not of its mandate or not young enough.
 */
export const openDeskAuction = (client: WritingClient, parameters: DeskSeriesParameters): Promise<Sent> =>
  sendCall(client, openDeskAuctionCall(parameters));

/** The call of {@link openDeskAuction}. */
export const openDeskAuctionCall = ({ deskAuctions, series }: DeskSeriesParameters): ContractCall =>
  contractCall({ address: deskAuctions, abi: deskAuctionsAbi, functionName: "open", args: [BigInt(series)] });

/** An order that meets a desk's auction, with both proofs. */
export type FillDeskAuctionParameters = DeskSeriesParameters & {
  /** {ppm of a contract} */
  readonly quantity: bigint;
  /** {ppt of a dollar per contract} no worse for the desk than the auction's once it is mined */
  readonly price: bigint;
  /** whose price admits it */
  readonly taker: TradeSide;
  /** of the desk's account after it */
  readonly proof: MarginProof;
};

/**
 * Trades with a desk at a price that its auction has reached. Refused with `PriceNotReached`, `BiddingClosed`, `NothingLeft`,
 * `FillTooSmall`, `PriceMoved`, `HealthTooLow`, and as a trade is.
 */
export const fillDeskAuction = (client: WritingClient, parameters: FillDeskAuctionParameters): Promise<Sent> =>
  sendCall(client, fillDeskAuctionCall(parameters));

/** The call of {@link fillDeskAuction}. */
export const fillDeskAuctionCall = (parameters: FillDeskAuctionParameters): ContractCall => {
  const { deskAuctions, series, quantity, price, taker, proof } = parameters;
  return contractCall({
    address: deskAuctions,
    abi: deskAuctionsAbi,
    functionName: "fill",
    args: [BigInt(series), quantity, price, { ...taker, order: orderMessage(taker.order) }, proof],
  });
};
