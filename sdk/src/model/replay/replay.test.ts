import { describe, expect, it } from "vitest";
import { PPM } from "../../protocol.ts";
import { seededBooks } from "./books.ts";
import { capitalAt, staticScaleFor } from "./capital.ts";
import { dollars, perpetualBook, syntheticPath } from "./fixtures.ts";
import { type Ledger, LedgerBroken } from "./ledger.ts";
import { portfolioMethod, staticMethod } from "./methods.ts";
import { HOUSE, IMPACT, LIQUIDATORS, REPLAY, ReplayParameterInvalid, type ReplayParameters } from "./parameters.ts";
import { PathUnusable } from "./path.ts";
import { type ReplayInputs, replay, replayHours } from "./replay.ts";

/** One epoch, no impact, no fee and penalty: what is left can be computed by hand. */
const PLAIN: ReplayParameters = {
  ...REPLAY,
  house: { ...HOUSE, epochHours: 1_000 },
  impact: { ...IMPACT, size: 0 },
  liquidators: { ...LIQUIDATORS.prompt, fee: 0n, depth: 10n * PPM },
  penalty: 0n,
};
const STATIC = staticMethod();

/** 10 % initial, 5 % maintenance: 10 contracts of 1,000 dollars at buffer 1.2 have 1,200 dollars */
const inputs = (levels: readonly number[], more: Partial<ReplayInputs> = {}): ReplayInputs => ({
  path: syntheticPath(levels),
  method: STATIC,
  parameters: PLAIN,
  books: () => [perpetualBook(10, 1_200_000n)],
  ...more,
});
const fall = (share: number): number[] => [1, 1, 1 - share, 1 - share, 1 - share];
const hoursOf = (given: ReplayInputs) => [...replayHours(given)].at(-1)!.hours;
const firstLiquidation = (given: ReplayInputs): number =>
  hoursOf(given).findIndex(({ liquidations }) => liquidations > 0);

describe("replay", () => {
  it("default: the hour in which equity falls below 5 % of what is left is the first with a liquidation", () => {
    // 1,200 − 10 · fall of price: at 0.93 equity is 500 against 465, at 0.925 it is 450 against 462.5
    const given = inputs([1, 0.96, 0.93, 0.925, 0.9]);
    expect(firstLiquidation(given)).toBe(3);
    const result = replay(given);
    expect(result.accountsLiquidated).toBe(1);
    expect(result.badDebt).toBe(0n);
    expect(dollars(result.capital)).toBe(1_200);
  });

  it("behavior: portfolio margin names the array's fall, at the hour its own figures say", () => {
    const levels = [1, 0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93];
    const given = inputs(levels, { method: portfolioMethod });
    // ewma-0.94 over ±0.5 % is 0.5 %; 3 · √24 of it is the range, and 80 % of that and 1.5 % are maintained
    const range = 3 * Math.sqrt(24) * 0.005;
    const [initial, maintenance] = [range + 0.02, 0.8 * range + 0.015];
    const expected = levels.findIndex((level) => 1.2 * initial + level - 1 < maintenance * level);
    expect(expected).toBeGreaterThan(2);
    expect(firstLiquidation(given)).toBe(expected);
    const result = replay(given);
    expect(result.scenarios[0]?.scenario).toBe(0);
    expect(dollars(result.capital) / 12_000).toBeCloseTo(initial, 3);
  });

  it("behavior: a crash of 30 % within an hour leaves 1,800 dollars, the backstop and the others pay", () => {
    const books = () => [perpetualBook(10, 1_200_000n), perpetualBook(-10, 2_000_000n)];
    const result = replay(inputs(fall(0.3), { books }));
    expect(dollars(result.badDebt)).toBe(1_800);
    // 0.1 % of 20,000 dollars
    expect(dollars(result.backstop)).toBe(20);
    expect(dollars(result.socialisedLoss)).toBe(1_780);
    expect(result.accountsInsolvent).toBe(1);
    expect(result.accountsDoomed).toBe(1);
    expect(result.accountsNeedless).toBe(0);
    expect(dollars(result.worstHour!.badDebt)).toBe(1_800);
    expect(result.kinds.map(({ kind, accounts, badDebt }) => [kind, accounts, dollars(badDebt)])).toEqual([
      ["leveraged long", 1, 1_800],
      ["leveraged short", 1, 0],
    ]);
  });

  it("behavior: who would have stayed above 0 was liquidated needlessly", () => {
    const result = replay(inputs([1, 0.92, 1.1]));
    expect(result).toMatchObject({ accountsLiquidated: 1, accountsDoomed: 0, accountsNeedless: 1 });
  });

  it("behavior: what is still below 0 after the last hour counts", () => {
    const parameters = { ...PLAIN, liquidators: { ...PLAIN.liquidators, depth: 0n } };
    const result = replay(inputs(fall(0.3), { parameters }));
    expect(result.liquidations).toBe(0);
    expect(dollars(result.badDebt)).toBe(1_800);
    expect(result.badDebtAfterEnd).toBe(result.badDebt);
  });

  it("behavior: late liquidators come after their delay, absent ones not while the price falls most", () => {
    const levels = [1, 0.92, 0.92, 0.92, 0.92, 0.92, 0.92];
    const late = { ...PLAIN, liquidators: { ...PLAIN.liquidators, delayHours: 3 } };
    expect(firstLiquidation(inputs(levels))).toBe(1);
    expect(firstLiquidation(inputs(levels, { parameters: late }))).toBe(4);
    const absent = { ...PLAIN, liquidators: { ...PLAIN.liquidators, absentHours: 2 } };
    expect(firstLiquidation(inputs([1, 1, 0.92, 0.91, 0.92, 0.92, 0.92], { parameters: absent }))).toBe(4);
  });

  it("behavior: depth is what is taken in an hour at most", () => {
    const parameters = { ...PLAIN, liquidators: { ...PLAIN.liquidators, depth: 100_000n } };
    const books = () => Array.from({ length: 5 }, () => perpetualBook(10, 1_100_000n));
    const hours = hoursOf(inputs([1, 0.93, 0.93, 0.93, 0.93, 0.93, 0.93, 0.93], { parameters, books }));
    const most = Math.max(...hours.map(({ liquidatedExposure }) => dollars(liquidatedExposure)));
    expect(most).toBeLessThanOrEqual(5_000);
    expect(most).toBeGreaterThan(4_990);
  });

  it("behavior: liquidations move the price that the next hour begins with", () => {
    const parameters = { ...PLAIN, impact: { size: 0.1, power: 1, permanent: 0, halfLife: 2 } };
    const long = replay(inputs([1, 0.92, 0.92], { parameters }));
    const short = replay(inputs([1, 1.09, 1.09], { parameters, books: () => [perpetualBook(-10, 1_200_000n)] }));
    expect(long.largestImpact.move).toBeLessThan(-0.02);
    expect(short.largestImpact.move).toBeGreaterThan(0.03);
    // a second slice only because the first moved the price
    const still = replay(inputs([1, 0.92, 0.92]));
    expect([still.liquidations, long.liquidations]).toEqual([1, 2]);
    expect(still.largestImpact.move).toBe(0);
  });

  it("behavior: stale arrays see the fall an epoch late", () => {
    const stale = { ...PLAIN, house: { ...HOUSE, epochHours: 4, maxArrayAge: 4 } };
    const levels = [1, 0.92, 0.92, 0.92, 0.92, 0.92];
    expect(firstLiquidation(inputs(levels, { parameters: stale }))).toBe(4);
  });

  // Over several hours it may: a thin buffer is liquidated before the gap that a thicker one walks into.
  it("behavior: a larger buffer never means more bad debt, in a fall within an hour or where nobody bids", () => {
    const sudden = { levels: [1, 1, 0.65, 0.65, 0.65], parameters: PLAIN };
    const bidless = {
      levels: [1, 0.97, 0.9, 0.82, 0.7, 0.72, 0.68, 0.7],
      parameters: { ...PLAIN, liquidators: { ...PLAIN.liquidators, depth: 0n } },
    };
    for (const { levels, parameters } of [sudden, bidless]) {
      const path = syntheticPath(levels, 2, 700_000_000_000n);
      for (const method of [portfolioMethod, STATIC]) {
        const debts = [1.1, 1.3, 1.6, 2, 4].map((buffer) => {
          const ppm = BigInt(Math.round(buffer * 1e6));
          return replay({ path, method, parameters, books: (market) => seededBooks(3, 25, market, [ppm, ppm]) })
            .badDebt;
        });
        expect(debts[0]).toBeGreaterThan(0n);
        expect(debts.at(-1)).toBeLessThan(debts[0]!);
        debts.slice(1).forEach((debt, i) => {
          expect(debt).toBeLessThanOrEqual(debts[i]!);
        });
      }
    }
  });

  it("behavior: the same seed is the same replay, another is not", () => {
    const path = syntheticPath(fall(0.25), 3, 800_000_000_000n);
    const run = (seed: number) =>
      replay({
        path,
        method: portfolioMethod,
        parameters: REPLAY,
        books: (market) => seededBooks(seed, 20, market),
      });
    expect(run(1)).toEqual(run(1));
    expect(run(2).capital).not.toBe(run(1).capital);
  });

  it("behavior: every kind of book is opened at its buffer, under either method", () => {
    const path = syntheticPath([1, 1], 3, 800_000_000_000n);
    let seen = new Set<string>();
    for (const method of [portfolioMethod, STATIC]) {
      const first = replayHours({
        path,
        method,
        parameters: { ...REPLAY, liquidators: { ...LIQUIDATORS.prompt, depth: 0n } },
        books: (market) => seededBooks(1, 120, market),
      }).next();
      if (first.done === true) throw new Error("a path of two hours has a first");
      const { ledger, hours } = first.value;
      seen = new Set(ledger.accounts.map(({ name }) => name));
      expect(hours[0]?.maintenanceMargin).toBeGreaterThan(0n);
      expect(hours[0]?.liquidations).toBe(0);
    }
    expect(seen.size).toBe(9);
  });
});

describe("conservation", () => {
  const faults: Record<string, (ledger: Ledger) => void> = {
    cash: (ledger) => {
      ledger.accounts[0]!.cash += 1n;
    },
    "cash of the backstop": (ledger) => {
      ledger.backstop.cash -= 1n;
    },
    positions: (ledger) => {
      ledger.liquidators.positions[0]! += 1n;
    },
    tokens: (ledger) => {
      ledger.accounts[0]!.balances[0]! += 1n;
    },
  };
  it.each(Object.keys(faults))("error: LedgerBroken where %s appear from nowhere", (name) => {
    const hours = replayHours(inputs(fall(0.3)));
    const first = hours.next();
    if (first.done === true) throw new Error("a path of five hours has a first");
    faults[name]!(first.value.ledger);
    expect(() => hours.next()).toThrow(LedgerBroken);
  });
});

describe("staticScaleFor", () => {
  it("default: the same books take the capital asked for", () => {
    const path = syntheticPath([1, 1], 2, 600_000_000_000n);
    const given = {
      path,
      parameters: REPLAY,
      books: (market: Parameters<typeof seededBooks>[2]) => seededBooks(4, 15, market),
    };
    const wanted = capitalAt(given, portfolioMethod);
    const scale = staticScaleFor(given, wanted);
    const found = capitalAt(given, staticMethod(scale));
    expect(Number(found) / Number(wanted)).toBeCloseTo(1, 2);
    expect(found).toBeGreaterThanOrEqual(wanted);
  });
});

describe("refusals", () => {
  it("error: PathUnusable without history, prices or hours", () => {
    const path = syntheticPath([1, 1]);
    const run = (changed: object) => () => replay(inputs([1, 1], { path: { ...path, ...changed } }));
    expect(run({ start: 100 })).toThrow(PathUnusable);
    expect(run({ start: path.times.length - 1 })).toThrow(PathUnusable);
    expect(run({ prices: path.prices.slice(1) })).toThrow(PathUnusable);
    expect(run({ assets: [] })).toThrow(PathUnusable);
  });
  it.each([
    ["epochHours", { house: { ...HOUSE, epochHours: 0 } }],
    ["delayHours", { liquidators: { ...LIQUIDATORS.prompt, delayHours: 0.5 } }],
    ["targetHealth", { targetHealth: PPM - 1n }],
    ["impact size", { impact: { ...IMPACT, size: Number.NaN } }],
    ["maximumStep", { house: { ...HOUSE, maximumStep: 1n } }],
    ["at most 200000", { house: { ...HOUSE, maximumStep: 200_001n } }],
  ])("error: ReplayParameterInvalid for %s", (name, changed) => {
    const run = () => replay(inputs([1, 1], { parameters: { ...REPLAY, ...changed } }));
    expect(run).toThrow(ReplayParameterInvalid);
    expect(run).toThrow(name);
  });
});
