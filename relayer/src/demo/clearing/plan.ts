import { PPM } from "@equipoise/sdk";
import { exchangeAbi, type Order, readSeries } from "@equipoise/sdk/actions";
import { chainTime } from "../../chains/clock.ts";
import {
  CASH_LANE,
  clearingSite,
  type LocalContext,
  type OwnedOrder,
  readEpochAccount,
  type SeriesListing,
  seriesNumber,
} from "../../pipeline/index.ts";
import { StepFailed } from "../../stepFailed.ts";
import { cashNeeded, changeOf, fairPrice, type PlannedTrade, pickOption } from "./book.ts";
import type { Cast, Role } from "./cast.ts";

/** {ppm of a dollar} what the perpetual's position is worth */
const STAKE = 100_000n * PPM;
/** {ppm} of the initial requirement that the gambler has beyond it */
const SPARE = 20_000n;
/** {s} orders are good for */
const ORDER_LIFE = 86_400n;

/** Amounts {ppm of a token}. */
export type PlannedDeposit = { readonly role: Role; readonly lane: number; readonly amount: bigint };
export type Plan = { readonly deposits: readonly PlannedDeposit[]; readonly trades: readonly PlannedTrade[] };

/**
 * What will be deposited and traded. The hedger holds the asset, sells the perpetual against it, and trades upside for
 * protection; the gambler takes the other side with little more than it needs.
 * @param lane of the underlying
 */
export async function planBook(
  context: LocalContext,
  cast: Cast,
  listings: readonly SeriesListing[],
  lane: number,
): Promise<Plan> {
  const { chain, clearing } = clearingSite(context);
  const exchange = { address: clearing.exchange, abi: exchangeAbi } as const;
  const feeRate = await chain.reader.readContract({ ...exchange, functionName: "tradeFee" });
  const { account: empty, market } = await readEpochAccount(context, cast.gambler.account);
  const array = market.arrays[0];
  const perpetual = listings.find(({ kind }) => kind === "perpetual");
  if (array === undefined || perpetual === undefined) {
    throw new StepFailed("the first array has no perpetual; list one", { retry: false });
  }
  // {ppm of a contract} = {ppm of a dollar} · {ppt} / {ppt of a dollar}
  const contracts = (STAKE * 10n ** 12n) / array.spot;
  const planned = (listing: SeriesListing, buyer: PlannedTrade["buyer"], quantity: bigint): PlannedTrade => {
    return { listing, buyer, quantity, price: fairPrice(array, seriesNumber(listing)) };
  };
  const trades = [
    planned(pickOption(listings, "put", (array.spot * 95n) / 100n), "hedger", contracts / 2n),
    planned(pickOption(listings, "call", (array.spot * 105n) / 100n), "gambler", contracts / 2n),
    planned(perpetual, "gambler", contracts),
  ];
  const changes = trades.map((trade) => changeOf(trade, "gambler", feeRate));
  const { cash, margin } = cashNeeded(empty, market, changes, SPARE);
  return {
    trades,
    deposits: [
      { role: "hedger", lane, amount: contracts + contracts / 5n },
      { role: "hedger", lane: CASH_LANE, amount: STAKE / 5n },
      { role: "gambler", lane: CASH_LANE, amount: cash },
      { role: "keeper", lane: CASH_LANE, amount: 4n * margin.initialMargin },
    ],
  };
}

/** The two orders of a planned trade, the buyer's as the maker's. @param salt tells a trade from the others */
export async function ordersOf(
  context: LocalContext,
  cast: Cast,
  { listing, buyer, quantity, price }: PlannedTrade,
  salt: bigint,
): Promise<readonly [maker: OwnedOrder, taker: OwnedOrder]> {
  const { chain, clearing } = clearingSite(context);
  const deadline = (await chainTime(chain)) + ORDER_LIFE;
  const series = seriesNumber(listing);
  // as it is listed: a perpetual has its first epoch for a strike
  const listed = await readSeries(chain.reader, { listings: clearing.listings, series });
  if (listed === undefined) throw new StepFailed(`series ${series} is not listed; list it first`, { retry: false });
  const { kind, expiry, strike } = listed;
  const terms = { series, kind, expiry, strike, quantity, price, maxFee: 1_000n, deadline, salt };
  const orderOf = (role: PlannedTrade["buyer"], buys: boolean): OwnedOrder => {
    const order: Order = { ...terms, account: cast[role].account, buys };
    return { order, owner: cast[role].owner };
  };
  return [orderOf(buyer, true), orderOf(buyer === "hedger" ? "gambler" : "hedger", false)];
}
