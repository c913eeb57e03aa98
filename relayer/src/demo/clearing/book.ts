import {
  type AccountMargin,
  accountMargin,
  type MarginAccount,
  type MarginArray,
  type MarginMarket,
  PPM,
  PPT,
  SERIES_PER_ARRAY,
  type SeriesKind,
  tradeCash,
  tradeFeeOf,
} from "@equipoise/sdk";
import { type AccountChange, changedAccount, isFree, type SeriesListing, seriesNumber } from "../../pipeline/index.ts";

const HOUR = 3_600n;
const DAY = 24n * HOUR;
/** {ppm} of the spot when they are announced */
const STRIKES = [900_000n, 1_000_000n, 1_100_000n];
/** {s} from when they are announced */
const TENORS = [3n * DAY, 15n * DAY];

/**
 * What the demo lists in its one array: a perpetual, and calls and puts at three strikes of two expiries.
 * @param spot {ppt of a dollar}
 * @param time {s}
 */
export function plannedListings(underlying: number, spot: bigint, time: bigint): SeriesListing[] {
  const common = { array: 0, underlying };
  const options = TENORS.flatMap((tenor) =>
    STRIKES.flatMap((share) =>
      (["call", "put"] as const).map((kind) => ({
        kind,
        expiry: time + tenor,
        strike: roundStrike((spot * share) / PPM),
      })),
    ),
  );
  return [
    { ...common, place: 0, kind: "perpetual", expiry: 0n, strike: 0n },
    ...options.map((option, i) => ({ ...common, place: i + 1, ...option })),
  ];
}

/** Two figures, as exchanges list. */
function roundStrike(strike: bigint): bigint {
  const unit = 10n ** BigInt(Math.max(0, String(strike).length - 3));
  return ((strike + unit / 2n) / unit) * unit;
}

/** The listing of a kind with the last expiry and the strike nearest to a share of the spot. */
export function pickOption(listings: readonly SeriesListing[], kind: SeriesKind, target: bigint): SeriesListing {
  const expiries = listings.map(({ expiry }) => expiry).toSorted((one, other) => (one < other ? -1 : 1));
  const last = expiries.at(-1);
  const distance = ({ strike }: SeriesListing): bigint => (strike > target ? strike - target : target - strike);
  const candidates = listings.filter((listing) => listing.kind === kind && listing.expiry === last);
  return candidates.reduce((best, listing) => (distance(listing) < distance(best) ? listing : best));
}

/** {ppt of a dollar} what one contract of a series is worth by its mark, to the cent; a perpetual at the spot. */
export function fairPrice(array: MarginArray, series: number): bigint {
  const { kind, mark, basis, strike } = array.series[series % SERIES_PER_ARRAY] as MarginArray["series"][number];
  if (kind === "perpetual") return array.spot;
  const worth = kind === "call" ? mark : mark - PPM * (PPM + basis);
  const price = (array.spot * worth) / PPT + (kind === "put" ? strike : 0n);
  const cent = PPT / 100n;
  return price < cent ? cent : (price / cent) * cent;
}

/** A trade as it is planned: who buys is the maker. Quantity {ppm of a contract}, price {ppt of a dollar}. */
export type PlannedTrade = {
  readonly listing: SeriesListing;
  readonly buyer: "hedger" | "gambler";
  readonly quantity: bigint;
  readonly price: bigint;
};

/** What a trade does to one of its two accounts. */
export function changeOf(trade: PlannedTrade, who: PlannedTrade["buyer"], feeRate: bigint): AccountChange {
  const cash = tradeCash({ buys: true, price: trade.price }, 0n, trade.quantity);
  const fee = tradeFeeOf(cash, feeRate);
  const buys = trade.buyer === who;
  return {
    position: { series: seriesNumber(trade.listing), quantity: buys ? trade.quantity : -trade.quantity },
    cash: (buys ? -cash : cash) - fee,
  };
}

/**
 * {ppm of a dollar} cash with which an account just passes every planned trade, and then some.
 * @param spare {ppm} of the initial requirement
 */
export function cashNeeded(
  empty: MarginAccount,
  market: MarginMarket,
  changes: readonly AccountChange[],
  spare: bigint,
): { readonly cash: bigint; readonly margin: AccountMargin } {
  let account = empty;
  let cash = 0n;
  let margin = accountMargin(empty, market);
  for (const change of changes) {
    account = changedAccount(account, change);
    margin = accountMargin(account, market);
    if (isFree(account)) continue;
    const lacking = margin.initialMargin + (margin.initialMargin * spare) / PPM - margin.equity;
    if (lacking > cash) cash = lacking;
  }
  const hundred = 100n * PPM;
  return { cash: ((cash + hundred - 1n) / hundred) * hundred, margin };
}
