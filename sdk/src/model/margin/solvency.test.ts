import { describe, expect, it } from "vitest";
import { SIZES } from "../../protocol.ts";
import { marginArrayOf, riskArrayFacts } from "../../statements/index.ts";
import { accountWith, type MarginAccount, type MarginMarket, TooMany } from "./account.ts";
import { accountMargin } from "./accountMargin.ts";
import { seededAccounts, seededBook } from "./seededBook.ts";
import { heldSeriesOf, solvencyBatches, solvencyOf, totalsOf } from "./solvency.ts";

const size = SIZES.small;

function house(seed: number): { accounts: MarginAccount[]; market: MarginMarket } {
  const book = seededBook(seed, { size });
  return {
    accounts: seededAccounts(seed, book, size.accounts, size).map((held) => accountWith(held, book.account.collateral)),
    market: {
      arrays: book.arrays.map((array) => array && marginArrayOf(riskArrayFacts(array, size))),
      terms: book.terms,
      jointLevels: book.jointLevels,
    },
  };
}

describe("totalsOf", () => {
  const figures = (equity: bigint) => ({ equity, maintenanceMargin: 5n, initialMargin: 7n });

  it("default: sums, and of what is owed only the debts", () => {
    expect(totalsOf([figures(10n), figures(-3n), figures(-4n)])).toEqual({
      equity: 3n,
      maintenanceMargin: 15n,
      initialMargin: 21n,
      shortfall: 7n,
    });
  });

  it("behavior: nobody comes to nothing, and a claim pays for no other account's debt", () => {
    expect(totalsOf([])).toEqual({ equity: 0n, maintenanceMargin: 0n, initialMargin: 0n, shortfall: 0n });
    expect(totalsOf([figures(1_000n), figures(-1n)]).shortfall).toBe(1n);
  });
});

describe("solvencyOf", () => {
  it.each([1, 2, 3])("default: each account's own margin, and their totals: %i", (seed) => {
    const { accounts, market } = house(seed);
    const { margins, totals } = solvencyOf(accounts, market, size);
    expect(margins).toEqual(accounts.map((account) => accountMargin(account, market)));
    expect(totals).toEqual(totalsOf(margins));
  });

  it("behavior: an account that holds nothing adds nothing", () => {
    const { accounts, market } = house(1);
    const nothing: MarginAccount = { positions: [], cash: 0n, collateral: [] };
    const [first] = accounts as [MarginAccount];
    expect(solvencyOf([first, nothing], market, size).totals).toEqual(solvencyOf([first], market, size).totals);
    expect(solvencyOf([nothing], market, size).margins[0]?.excess).toEqual({ maintenance: 0n, initial: 0n });
  });

  it("error: TooMany accounts, or different series", () => {
    const { accounts, market } = house(1);
    const [first] = accounts as [MarginAccount];
    expect(() => solvencyOf([first, first, first], market, size)).toThrow(/3 accounts; there is room for 2/);
    const holding = (...series: number[]): MarginAccount => ({
      ...first,
      positions: series.map((number) => ({ series: number, quantity: 1n })),
    });
    expect(() => solvencyOf([holding(0, 1, 16), holding(17, 32)], market, size)).toThrow(TooMany);
    expect(() => solvencyOf([holding(0, 1, 16), holding(1, 16, 32)], market, size)).not.toThrow();
  });
});

describe("solvencyBatches", () => {
  const holder = (...series: number[]) => ({ positions: series.map((number) => ({ series: number })) });

  it("default: as few as the order and the room for series allow, each account once", () => {
    const [a, b, c, d] = [holder(0, 1), holder(2, 3, 4), holder(0, 2), holder()];
    expect(solvencyBatches([a, b, c, d], size)).toEqual([
      [a, c],
      [b, d],
    ]);
    expect(heldSeriesOf([a, b])).toHaveLength(size.heldSeries + 1);
    expect(solvencyBatches([], size)).toEqual([]);
  });

  it("behavior: an account with as many positions as it may have fits by itself", () => {
    expect(SIZES.full.heldSeries).toBeGreaterThanOrEqual(SIZES.full.positions);
    expect(size.heldSeries).toBeGreaterThanOrEqual(size.positions);
    const full = Array.from({ length: 4 }, (_, k) =>
      holder(...Array.from({ length: SIZES.full.positions }, (_, place) => 16 * k + place)),
    );
    expect(solvencyBatches(full)).toEqual(full.map((account) => [account]));
  });
});

describe("heldSeriesOf", () => {
  it("default: each once, ascending", () => {
    const positions = [{ series: 40 }, { series: 3 }];
    expect(heldSeriesOf([{ positions }, { positions: [{ series: 3 }, { series: 11 }] }])).toEqual([3, 11, 40]);
  });
});
