import { PPM, PPT } from "../../protocol.ts";
import { divideUp } from "../integers.ts";
import { type MarginMarket, SERIES_PER_ARRAY } from "../margin/account.ts";
import { accountEquity } from "../margin/accountMargin.ts";
import { type SeededDraws, seededDraws } from "../seededDraws.ts";
import { deposit, emptyHolding, emptyLedger, type Holding, heldAccount, type Ledger } from "./ledger.ts";
import type { EpochTerms } from "./market.ts";
import type { MarginMethod } from "./methods.ts";
import type { HouseParameters } from "./parameters.ts";

/** Who trades, and how many of a hundred do. */
export const BOOK_KINDS = {
  "leveraged long": 24,
  "leveraged short": 10,
  "long on coins": 10,
  "covered call": 12,
  "short strangle": 14,
  "put buyer": 5,
  "protected long": 5,
  "hedged options": 12,
  "long against short": 8,
} as const;
export type BookKind = keyof typeof BOOK_KINDS;

/** A book before its deposit: the same whatever the margin method. */
export type Book = {
  readonly kind: BookKind;
  /** {ppm of a contract} by series */
  readonly positions: readonly bigint[];
  /** {ppm of a token} by asset, part of the strategy */
  readonly balances: readonly bigint[];
  /** the asset its deposit is made in; undefined: cash */
  readonly depositAsset: number | undefined;
  /** {ppm} of its initial requirement: what its equity is at the start */
  readonly buffer: bigint;
};

/** Least and greatest buffer {ppm}. */
export type BufferRange = readonly [minimum: bigint, maximum: bigint];
/** {ppm of the requirement} what an account begins with, least and greatest. */
export const BUFFERS: BufferRange = [1_100_000n, 2_000_000n];

function drawKind(draws: SeededDraws): BookKind {
  let left = draws.uniform() * 100;
  for (const [kind, share] of Object.entries(BOOK_KINDS)) {
    left -= share;
    if (left < 0) return kind as BookKind;
  }
  return "leveraged long";
}

/** {$} 20 thousand to 2 million, most near 150 thousand */
const drawSize = (draws: SeededDraws): number =>
  Math.round(Math.min(2_000_000, Math.max(20_000, 150_000 * Math.exp(0.9 * draws.normal()))));

/** The places of a kind of option within an array, by its distance from the spot: the farthest first. */
const optionsOf = (market: MarginMarket, asset: number, kind: "call" | "put"): number[] =>
  (market.arrays[asset]?.series ?? [])
    .map((series, place) => ({ series, place }))
    .filter(({ series }) => series.kind === kind)
    .toSorted((one, other) => {
      const order = one.series.strike < other.series.strike ? -1 : one.series.strike > other.series.strike ? 1 : 0;
      return kind === "put" ? order : -order;
    })
    .map(({ place }) => place);

/**
 * Books of traders with leverage, drawn from a seed: the mix of BOOK_KINDS over the assets, options on those that have them.
 * @param market at the start
 */
export function seededBooks(
  seed: number,
  count: number,
  market: MarginMarket,
  [least, most]: BufferRange = BUFFERS,
): Book[] {
  const draws = seededDraws(seed);
  const assets = market.arrays.length;
  const optioned = market.arrays.findIndex((array) => array?.series.length === 1);
  const withOptions = optioned < 0 ? assets : optioned;
  const pick = <T>(choice: readonly T[]): T => choice[draws.integer(0, choice.length - 1)] as T;
  return Array.from({ length: count }, () => {
    const kind = drawKind(draws);
    const size = drawSize(draws);
    const buffer = BigInt(draws.integer(Number(least), Number(most)));
    // BTC twice as often as another
    const asset = Math.max(0, draws.integer(-1, assets - 1));
    const underlying = Math.max(0, draws.integer(-1, withOptions - 1));
    const spotOf = (a: number): bigint => market.arrays[a]!.spot;
    const contracts = (a: number, dollars: number): bigint => (BigInt(Math.round(dollars)) * PPM * PPT) / spotOf(a);
    const { positions, balances } = emptyHolding(kind, assets);
    const add = (a: number, place: number, quantity: bigint): void => {
      positions[SERIES_PER_ARRAY * a + place]! += quantity;
    };
    const quantity = contracts(underlying, size);
    let depositAsset: number | undefined;
    switch (kind) {
      case "leveraged long":
        add(asset, 0, contracts(asset, size));
        break;
      case "leveraged short":
        add(asset, 0, -contracts(asset, size));
        break;
      case "long on coins":
        add(asset, 0, contracts(asset, size));
        depositAsset = draws.integer(0, assets - 1);
        break;
      case "covered call":
        balances[underlying] = quantity;
        add(underlying, pick(optionsOf(market, underlying, "call")), -quantity);
        break;
      case "short strangle":
        add(underlying, pick(optionsOf(market, underlying, "put").slice(0, -2)), -quantity);
        add(underlying, pick(optionsOf(market, underlying, "call").slice(0, -2)), -quantity);
        break;
      case "put buyer":
        add(underlying, pick(optionsOf(market, underlying, "put")), quantity);
        break;
      case "protected long":
        add(underlying, 0, quantity);
        add(underlying, pick(optionsOf(market, underlying, "put")), quantity);
        break;
      case "hedged options": {
        for (let leg = 0; leg < 6; leg++) {
          const place = pick([...optionsOf(market, underlying, "put"), ...optionsOf(market, underlying, "call")]);
          add(underlying, place, (quantity * BigInt(draws.integer(-100, 100))) / 100n);
        }
        const { series } = market.arrays[underlying]!;
        const delta = series.reduce((sum, one, place) => {
          return place === 0 ? sum : sum + (positions[SERIES_PER_ARRAY * underlying + place] as bigint) * one.delta;
        }, 0n);
        add(underlying, 0, -delta / PPT);
        break;
      }
      case "long against short": {
        const other = (asset + draws.integer(1, Math.max(1, assets - 1))) % assets;
        add(asset, 0, contracts(asset, size));
        add(other, 0, -contracts(other, size * (0.8 + 0.4 * draws.uniform())));
        break;
      }
    }
    return { kind, positions, balances, depositAsset, buffer };
  });
}

/** A requirement that grows as fast as what is deposited for it. */
export class DepositUnreachable extends Error {
  override name = "DepositUnreachable";
  constructor(kind: string, asset: number) {
    super(
      `no deposit in asset ${asset} reaches the initial requirement of a "${kind}" book: lower haircuts or buffers`,
    );
  }
}

/**
 * Opens the books: each buys from the counterparty at marks, and deposits what makes its equity `buffer` times its initial
 * requirement under the method, at least 0. Whoever holds tokens as part of a strategy brings them whatever the method.
 */
export function openBooks(
  books: readonly Book[],
  market: MarginMarket,
  epoch: EpochTerms,
  house: HouseParameters,
  method: MarginMethod,
): Ledger {
  const assets = market.arrays.length;
  const ledger = emptyLedger(
    books.map(({ kind }) => emptyHolding(kind, assets)),
    assets,
  );
  const assess = method(market);
  books.forEach((book, i) => {
    const holding = ledger.accounts[i] as Holding;
    deposit(ledger, holding, 0n, book.balances);
    // {ppm of a dollar} rounded up: what it pays for its positions
    const price = -accountEquity(
      heldAccount({ ...emptyHolding("", assets), positions: book.positions.map((q) => -q) }, market, [], 0n),
      market,
    );
    book.positions.forEach((quantity, series) => {
      holding.positions[series]! += quantity;
      ledger.counterparty.positions[series]! -= quantity;
    });
    holding.cash -= price;
    ledger.counterparty.cash += price;

    const view = () => assess(heldAccount(holding, market, epoch.haircuts, house.haircutSlope));
    const enough = (): boolean => {
      const { equity, initialMargin } = view();
      return PPM * equity >= book.buffer * initialMargin;
    };
    if (book.depositAsset === undefined) {
      const { equity, initialMargin } = view();
      const lacking = divideUp(book.buffer * initialMargin, PPM) - equity;
      if (lacking > 0n) deposit(ledger, holding, lacking);
      return;
    }
    const asset = book.depositAsset;
    const unit = (PPM * PPT) / market.arrays[asset]!.spot + 1n;
    const tryBalance = (balance: bigint): boolean => {
      const before = holding.balances[asset] as bigint;
      holding.balances[asset] = before + balance;
      const reached = enough();
      holding.balances[asset] = before;
      return reached;
    };
    let high = unit;
    for (let doublings = 0; !tryBalance(high); doublings++) {
      if (doublings === 40) throw new DepositUnreachable(book.kind, asset);
      high *= 2n;
    }
    let low = 0n;
    while (high - low > unit) {
      const middle = (low + high) / 2n;
      if (tryBalance(middle)) high = middle;
      else low = middle;
    }
    const balances = new Array<bigint>(assets).fill(0n);
    balances[asset] = high;
    deposit(ledger, holding, 0n, balances);
  });
  return ledger;
}
