import type { Address, Hex } from "viem";
import { exchangeAbi } from "./abi/exchange.ts";
import { type ContractCall, contractCall } from "./contractCall.ts";
import type { MarginProof } from "./marginProof.ts";
import { type Sent, sendCall, type WritingClient } from "./sendCall.ts";
import { type Order, orderMessage } from "./signOrder.ts";

/** One side of a trade. */
export type TradeSide = {
  readonly order: Order;
  /** of the account's owner; not looked at where the owner is the sender */
  readonly signature: Hex;
  /** of the account after the trade; `NO_MARGIN_PROOF` where it then has no position and owes nothing */
  readonly proof: MarginProof;
};

export type TradeParameters = {
  readonly exchange: Address;
  readonly maker: TradeSide;
  readonly taker: TradeSide;
  /** {ppm of a contract} */
  readonly quantity: bigint;
};

/**
 * Matches two orders at the maker's price. Refused with `AccountUnhealthy`, `StatementNotProven`, `PricesNotCrossed`,
 * `SeriesNotTradable`, `OrderExpired`, and what else is wrong with an order.
 */
export const trade = (client: WritingClient, parameters: TradeParameters): Promise<Sent> =>
  sendCall(client, tradeCall(parameters));

export const tradeCall = ({ exchange, maker, taker, quantity }: TradeParameters): ContractCall =>
  contractCall({
    address: exchange,
    abi: exchangeAbi,
    functionName: "trade",
    args: [{ ...maker, order: orderMessage(maker.order) }, { ...taker, order: orderMessage(taker.order) }, quantity],
  });
