import type { Address, Hex } from "viem";
import { liquidationAbi } from "./abi/liquidation.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { LIQUIDATION_PHASES, type LiquidationPhase } from "./readLiquidation.ts";
import type { LiquidationWords } from "./readMargin.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type BidLiquidationParameters = {
  readonly liquidation: Address;
  /** its number */
  readonly auction: bigint;
  /** the only one in which the bid is meant */
  readonly phase: LiquidationPhase;
  /** account of the sender that takes the slice */
  readonly bidder: Hex;
  /** in which the account is below its maintenance requirement */
  readonly scenario: number;
  readonly epoch: bigint;
  readonly arrayWords: LiquidationWords;
  /** {ppm} of everything in the account; as much as may be sold, where that is less */
  readonly share: bigint;
  /** {ppm of a dollar} the most to pay for this share, below 0 the least to receive; in proportion where less is sold */
  readonly limit: bigint;
};

/**
 * Takes a slice of an account. Refused with `AccountHealthy`, `PhaseDiffers`, `LimitPassed`, `BidderUnhealthy`,
 * `AuctionOver`, or for the words.
 */
export const bidLiquidation = (client: WritingClient, parameters: BidLiquidationParameters): Promise<Sent> =>
  sendCall(client, bidLiquidationCall(parameters));

export const bidLiquidationCall = (parameters: BidLiquidationParameters): ContractCall => {
  const { liquidation, auction, phase, bidder, scenario, epoch, arrayWords, share, limit } = parameters;
  const offer = {
    auction,
    phase: BigInt(LIQUIDATION_PHASES.indexOf(phase)),
    bidder,
    scenario: BigInt(scenario),
    epoch,
    share,
    limit,
  };
  return contractCall({ address: liquidation, abi: liquidationAbi, functionName: "bid", args: [offer, arrayWords] });
};
