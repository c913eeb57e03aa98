import { arrayOf, SERIES_PER_ARRAY, tradeCash, tradeFeeOf } from "@equipoise/sdk";
import {
  accountOf,
  type DeskAuction,
  type DeskDeployment,
  exchangeAbi,
  fillDeskAuction,
  markOptions,
  type Order,
  openDeskAuction,
  readAccount,
  readDeskAuction,
  readDeskGap,
  readEpochNumbers,
  readOptionMark,
  readSeries,
  signOrder,
} from "@equipoise/sdk/actions";
import type { Account, Hex } from "viem";
import { chainTime } from "../../chains/clock.ts";
import { runStep, StepFailed, unlessRefused } from "../../stepFailed.ts";
import { type Context, hubSite } from "../context.ts";
import { arrayWordsOf, provenArrayWords } from "./arrayFacts.ts";
import { clearingSite } from "./clearingSite.ts";
import { type ProvenAccount, proveAccountAfter } from "./proveAccount.ts";

/** Who trades with a desk, for an account of its own. */
export type DeskCounterparty = { readonly owner: Account; readonly account: Hex };

/** {s} an order for a fill that is sent at once */
const ORDER_LIFE = 600n;

/**
 * Shows a desk what options are worth in the current epoch: those that it holds, without which nothing of it has a price, and those
 * named. @returns the series that were shown
 */
export function showOptionMarks(
  context: Context,
  { vaultDesk, deskAuctions }: DeskDeployment,
  series: readonly number[] = [],
): Promise<readonly number[]> {
  return runStep("show option marks", async () => {
    const { chain, clearing } = clearingSite(context);
    const account = accountOf(vaultDesk);
    const [{ positions }, { current }] = await Promise.all([
      readAccount(chain.reader, { clearingHouse: clearing.clearingHouse, account }),
      readEpochNumbers(chain.reader, clearing),
    ]);
    const options = new Set([...series, ...positions.map((held) => held.series)].filter(isOption));
    const places = new Map<number, number[]>();
    for (const option of [...options].sort((a, b) => a - b)) {
      const { epoch } = await readOptionMark(chain.reader, { deskAuctions, series: option });
      if (BigInt(epoch) === current) continue;
      const array = arrayOf(option);
      places.set(array, [...(places.get(array) ?? []), option % SERIES_PER_ARRAY]);
    }
    const client = chain.signer(context.accounts.relayer);
    for (const [array, shown] of places) {
      const words = provenArrayWords(await arrayWordsOf(context, current, array));
      await markOptions(client, { deskAuctions, array, places: shown, words });
    }
    return [...places].flatMap(([array, shown]) => shown.map((place) => array * SERIES_PER_ARRAY + place));
  });
}

/** A perpetual stands in the first place of its array. */
const isOption = (series: number): boolean => series % SERIES_PER_ARRAY !== 0;

/** Why a series has no auction now, and need not have one. */
const NOT_NOW = [
  ...["GapWithinBand", "AuctionRunning", "AuctionBlocked", "SeriesNotTraded", "NotFunded"],
  ...["ArrayIsHalted", "ArrayNotInEpoch", "FundingNotEnded", "SpotMoved"],
] as const;

/** An auction that runs, and whether it was opened now. */
export type RunningDeskAuction = DeskAuction & { readonly isNew: boolean };

/** Opens the auction of every series that is out of its band. @returns what runs, by series */
export function openDeskAuctions(
  context: Context,
  desk: DeskDeployment,
  series: readonly number[],
): Promise<ReadonlyMap<number, RunningDeskAuction>> {
  return runStep("open desk auctions", async () => {
    const { chain } = hubSite(context);
    const client = chain.signer(context.accounts.relayer);
    const { deskAuctions } = desk;
    await showOptionMarks(context, desk, series);
    const running = new Map<number, RunningDeskAuction>();
    for (const number of series) {
      const opened = await unlessRefused(NOT_NOW, () => openDeskAuction(client, { deskAuctions, series: number }));
      const isNew = opened !== undefined;
      const auction = await readDeskAuction(chain.reader, { deskAuctions, series: number });
      if (auction.left > 0n && BigInt(auction.endTime) > (await chainTime(chain)))
        running.set(number, { ...auction, isNew });
    }
    return running;
  });
}

/** A fill of a desk's auction. */
export type DeskFill = {
  readonly series: number;
  readonly buying: boolean;
  /** {ppm of a contract} */
  readonly quantity: bigint;
  /** {ppt of a dollar per contract} */
  readonly price: bigint;
  readonly desk: ProvenAccount;
  readonly counterparty: ProvenAccount;
  readonly gasUsed: bigint;
};

/**
 * Meets what is left of a desk's auction at a price that it has reached: proves what both accounts are after it, has the
 * counterparty sign, and sends the fill. Nothing where nothing is left.
 * @param price {ppt of a dollar per contract}
 */
export function fillDesk(
  context: Context,
  addresses: DeskDeployment,
  series: number,
  price: bigint,
  counterparty: DeskCounterparty,
): Promise<DeskFill | undefined> {
  return runStep("fill desk auction", async () => {
    const { chain, clearing } = clearingSite(context);
    const { exchange, listings } = clearing;
    const { vaultDesk, deskAuctions } = addresses;
    const account = accountOf(vaultDesk);
    await showOptionMarks(context, addresses, [series]);
    const [auction, { buying, gap }, listing, rate] = await Promise.all([
      readDeskAuction(chain.reader, { deskAuctions, series }),
      readDeskGap(chain.reader, { deskAuctions, series }),
      readSeries(chain.reader, { listings, series }),
      chain.reader.readContract({ address: exchange, abi: exchangeAbi, functionName: "tradeFee" }),
    ]);
    if (listing === undefined) throw new StepFailed(`series ${series} is not listed; name another`, { retry: false });
    if (auction.left === 0n || buying !== auction.buying) return undefined;
    let quantity = auction.left;
    if (gap < quantity) quantity = gap;

    // the desk is the maker, and its order is new with every fill
    const cash = tradeCash({ buys: buying, price }, 0n, quantity);
    const fee = tradeFeeOf(cash, rate);
    const after = (who: Hex, buys: boolean): Promise<ProvenAccount> =>
      proveAccountAfter(context, who, {
        position: { series, quantity: buys ? quantity : -quantity },
        cash: (buys ? -cash : cash) - fee,
      });
    const desk = await after(account, buying);
    const other = await after(counterparty.account, !buying);
    const { kind, expiry, strike } = listing;
    const deadline = (await chainTime(chain)) + ORDER_LIFE;
    const terms = { series, kind, expiry, strike, quantity, price, maxFee: rate, deadline, salt: deadline };
    const order: Order = { ...terms, account: counterparty.account, buys: !buying };
    const signature = await signOrder(chain.signer(counterparty.owner), { exchange, order });
    const taker = { order, signature, proof: other.proof };
    const client = chain.signer(context.accounts.relayer);
    const fill = { deskAuctions, series, quantity, price, taker, proof: desk.proof };
    const { gasUsed } = await fillDeskAuction(client, fill);
    return { series, buying, quantity, price, desk, counterparty: other, gasUsed };
  });
}
