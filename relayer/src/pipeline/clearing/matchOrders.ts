import { tradeCash, tradeFeeOf } from "@equipoise/sdk";
import {
  CallReverted,
  exchangeAbi,
  hashOrder,
  type Order,
  type Sent,
  signOrder,
  type TradeSide,
  trade,
} from "@equipoise/sdk/actions";
import type { Account } from "viem";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type ClearingSite, clearingSite } from "./clearingSite.ts";
import { type ProvenAccount, proveAccountAfter } from "./proveAccount.ts";

/** An order and who signs it. */
export type OwnedOrder = { readonly order: Order; readonly owner: Account };

export type MatchedOrders = {
  readonly maker: ProvenAccount;
  readonly taker: ProvenAccount;
  /** {ppm of a dollar} from buyer to seller, and from either to the backstop */
  readonly cash: bigint;
  readonly fee: bigint;
  readonly gasUsed: bigint;
};

/**
 * Trades two orders at the maker's price: proves what both accounts are after it, has both signed, and sends the trade. Nothing
 * where the maker's order had been filled as far already.
 * @param quantity {ppm of a contract}
 */
export function matchOrders(
  context: Context,
  maker: OwnedOrder,
  taker: OwnedOrder,
  quantity: bigint,
): Promise<MatchedOrders | undefined> {
  return runStep("trade", async () => {
    const site = clearingSite(context);
    const { chain, clearing } = site;
    const { exchange } = clearing;
    const filled = await filledOf(site, maker.order);
    if (filled >= quantity) return undefined;
    const rate = await chain.reader.readContract({ address: exchange, abi: exchangeAbi, functionName: "tradeFee" });
    const cash = tradeCash(maker.order, filled, quantity);
    const fee = tradeFeeOf(cash, rate);

    const proofOf = ({ order }: OwnedOrder): Promise<ProvenAccount> =>
      proveAccountAfter(context, order.account, {
        position: { series: order.series, quantity: order.buys ? quantity : -quantity },
        cash: (order.buys ? -cash : cash) - fee,
      });
    const sideOf = async ({ order, owner }: OwnedOrder, { proof }: ProvenAccount): Promise<TradeSide> => {
      const signature = await signOrder(chain.signer(owner), { exchange, order });
      return { order, signature, proof };
    };
    const send = async (): Promise<MatchedOrders> => {
      const proven = { maker: await proofOf(maker), taker: await proofOf(taker) };
      const sides = { maker: await sideOf(maker, proven.maker), taker: await sideOf(taker, proven.taker) };
      try {
        const client = chain.signer(context.accounts.relayer);
        const sent: Sent = await trade(client, { exchange, ...sides, quantity });
        return { ...proven, cash, fee, gasUsed: sent.gasUsed };
      } catch (error) {
        if (!(error instanceof CallReverted) || error.reason !== "StatementNotProven") throw error;
        // a kept proof may have been made with other keys: it is made anew, once
        const kept = [proven.maker, proven.taker].filter(({ obtained }) => obtained?.reused === true);
        if (kept.length === 0) throw error;
        for (const { proof } of kept) await context.store.forgetProof("margin", proof.commitment);
        return send();
      }
    };
    return send();
  });
}

/** {ppm of a contract} that has been filled of an order */
function filledOf({ chain, clearing: { exchange } }: ClearingSite, order: Order): Promise<bigint> {
  return chain.reader.readContract({
    address: exchange,
    abi: exchangeAbi,
    functionName: "filled",
    args: [hashOrder(chain.chainId, { exchange, order })],
  });
}
