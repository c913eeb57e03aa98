import type { Address } from "viem";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";

export type BidParameters = {
  readonly vault: Address;
  readonly rebalanceId: bigint;
  readonly lane: number;
  /** {token units} at most */
  readonly amount: bigint;
  /** {D18} cash per whole token: the most to pay where the vault sells, the least to take where it buys */
  readonly limit: bigint;
  readonly receiver: Address;
};

/** Trades with a vault's auction. Refused with `PriceBeyondLimit`, `PriceMoved`, `BiddingClosed`, `NothingLeft`. */
export const bid = (client: WritingClient, parameters: BidParameters): Promise<Sent> =>
  sendCall(client, bidCall(parameters));

export const bidCall = ({ vault, rebalanceId, lane, amount, limit, receiver }: BidParameters): ContractCall =>
  contractCall({
    address: vault,
    abi: parityVaultAbi,
    functionName: "bid",
    args: [rebalanceId, BigInt(lane), amount, limit, receiver],
  });
