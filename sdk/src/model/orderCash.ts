import { PPM, PPT } from "../protocol.ts";
import { divideUp } from "./integers.ts";

/** What of an order decides its cash: docs/clearing.md, H-1.1. */
export type PricedOrder = {
  readonly buys: boolean;
  /** {ppt of a dollar per contract} */
  readonly price: bigint;
};

/** {ppm of a dollar} all that a maker's order moves once it has filled `quantity` {ppm of a contract}, rounded for its signer. */
function filledCash({ buys, price }: PricedOrder, quantity: bigint): bigint {
  return buys ? (price * quantity) / PPT : divideUp(price * quantity, PPT);
}

/**
 * What a trade moves from buyer to seller.
 * @param filled {ppm of a contract} of the maker's order before it
 * @param quantity {ppm of a contract} of the trade
 * @returns {ppm of a dollar}
 */
export const tradeCash = (maker: PricedOrder, filled: bigint, quantity: bigint): bigint =>
  filledCash(maker, filled + quantity) - filledCash(maker, filled);

/** What either side pays for a trade, rule H-1.2. @param rate {ppm} @returns {ppm of a dollar} rounded up */
export const tradeFeeOf = (cash: bigint, rate: bigint): bigint => divideUp(cash * rate, PPM);
