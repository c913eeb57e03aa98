import { PPM, PPT } from "../../protocol.ts";
import { larger, magnitude } from "../integers.ts";
import { type MarginAccount, type MarginMarket, type Position, SERIES_PER_ARRAY } from "../margin/account.ts";
import { accountEquity } from "../margin/accountMargin.ts";
import type { Collateral } from "../margin/collateral.ts";

/** What somebody holds. Integers, changed in place as a replay goes on. */
export type Holding = {
  /** for accounts the kind of book */
  readonly name: string;
  /** {ppm of a contract} by series, 16 · array + place */
  readonly positions: bigint[];
  /** {ppm of a dollar} signed */
  cash: bigint;
  /** {ppm of a token} by asset */
  readonly balances: bigint[];
};

/** Everybody who holds something of the clearing house. */
export type Ledger = {
  readonly accounts: readonly Holding[];
  /** the other side of every trade of the books; has no margin */
  readonly counterparty: Holding;
  /** who takes slices; comes with cash of its own and has no margin */
  readonly liquidators: Holding;
  readonly backstop: Holding;
  /** what came from outside: the marked external flows {ppm of a dollar}, {ppm of a token} by asset */
  readonly external: { cash: bigint; readonly balances: bigint[] };
};

export const emptyHolding = (name: string, assets: number): Holding => ({
  name,
  positions: new Array<bigint>(SERIES_PER_ARRAY * assets).fill(0n),
  cash: 0n,
  balances: new Array<bigint>(assets).fill(0n),
});

export function emptyLedger(accounts: readonly Holding[], assets: number): Ledger {
  return {
    accounts,
    counterparty: emptyHolding("counterparty", assets),
    liquidators: emptyHolding("liquidators", assets),
    backstop: emptyHolding("backstop", assets),
    external: { cash: 0n, balances: new Array<bigint>(assets).fill(0n) },
  };
}

/** Something was created or lost: an engine fault, never a market's doing. */
export class LedgerBroken extends Error {
  override name = "LedgerBroken";
  constructor(what: string, found: bigint, expected: bigint, hour: number) {
    super(
      `in hour ${hour} the ledger holds ${found} of ${what} and ${expected} came in from outside: the engine is wrong, ` +
        "do not use its figures",
    );
  }
}

const everybody = (ledger: Ledger): Holding[] => [
  ...ledger.accounts,
  ledger.counterparty,
  ledger.liquidators,
  ledger.backstop,
];

/** Throws unless cash and tokens are what came in, and every series sums to 0 (H-1). */
export function checkConservation(ledger: Ledger, hour: number): void {
  const holders = everybody(ledger);
  const total = (read: (holding: Holding) => bigint): bigint =>
    holders.reduce((sum, holding) => sum + read(holding), 0n);
  const expect = (what: string, found: bigint, expected: bigint): void => {
    if (found !== expected) throw new LedgerBroken(what, found, expected, hour);
  };
  expect(
    "cash",
    total(({ cash }) => cash),
    ledger.external.cash,
  );
  ledger.external.balances.forEach((balance, asset) => {
    expect(
      `token ${asset}`,
      total(({ balances }) => balances[asset] as bigint),
      balance,
    );
  });
  ledger.counterparty.positions.forEach((_, series) => {
    expect(
      `series ${series}`,
      total(({ positions }) => positions[series] as bigint),
      0n,
    );
  });
}

/** Cash and tokens from outside, the only way in. */
export function deposit(ledger: Ledger, holding: Holding, cash: bigint, balances: readonly bigint[] = []): void {
  holding.cash += cash;
  ledger.external.cash += cash;
  balances.forEach((balance, asset) => {
    holding.balances[asset]! += balance;
    ledger.external.balances[asset]! += balance;
  });
}

/** What a holding has as margin sees it. */
export function heldAccount(
  holding: Holding,
  market: MarginMarket,
  haircuts: readonly bigint[],
  slope: bigint,
): MarginAccount {
  const positions = holding.positions.flatMap((quantity, series): Position[] =>
    quantity === 0n ? [] : [{ series, quantity }],
  );
  const collateral = holding.balances.flatMap((balance, array): Collateral[] =>
    balance === 0n
      ? []
      : [{ balance, price: market.arrays[array]?.spot ?? 0n, haircut: haircuts[array] ?? PPM, slope, array }],
  );
  return { positions, cash: holding.cash, collateral };
}

/** {ppm of a dollar} rounded down */
export const equityOf = (holding: Holding, market: MarginMarket): bigint =>
  accountEquity(heldAccount(holding, market, [], 0n), market);

/** {ppt} least share of its underlying that an option counts as exposure */
const LEAST_DELTA = PPT / 10n;

/** {ppm of a dollar} Σ |quantity| · spot · |delta| of positions, options a tenth at least, and what collateral is worth */
export function exposureOf(holding: Holding, market: MarginMarket): bigint {
  let exposure = 0n;
  holding.positions.forEach((quantity, number) => {
    if (quantity === 0n) return;
    const array = market.arrays[Math.floor(number / SERIES_PER_ARRAY)]!;
    const delta = magnitude(array.series[number % SERIES_PER_ARRAY]!.delta);
    exposure += (magnitude(quantity) * array.spot * larger(delta, LEAST_DELTA)) / (PPT * PPT);
  });
  holding.balances.forEach((balance, asset) => {
    exposure += (balance * market.arrays[asset]!.spot) / PPT;
  });
  return exposure;
}

/** {ppm of a dollar} by asset: what a holding gains when the asset rises by its whole price, collateral included */
export function deltasOf(holding: Holding, market: MarginMarket): bigint[] {
  return holding.balances.map((balance, asset) => {
    const array = market.arrays[asset]!;
    const perContract = array.series.reduce(
      (sum, { delta }, place) => sum + (holding.positions[SERIES_PER_ARRAY * asset + place] as bigint) * delta,
      0n,
    );
    return (array.spot * (perContract / PPT + balance)) / PPT;
  });
}
