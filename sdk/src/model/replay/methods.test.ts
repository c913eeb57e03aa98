import { describe, expect, it } from "vitest";
import { PPM } from "../../protocol.ts";
import { accountMargin, type MarginArray, type MarginMarket, NO_COLLATERAL } from "../margin/index.ts";
import { SEEDED_TERMS, seededBook } from "../margin/seededBook.ts";
import { riskArrayValues } from "../riskArray.ts";
import { dollars, syntheticPath, THOUSAND } from "./fixtures.ts";
import { impacted, impactOf, noImpact, passHour, sell } from "./impact.ts";
import { emptyHolding, emptyLedger } from "./ledger.ts";
import { liquidate, shareToSell } from "./liquidation.ts";
import { portfolioMethod, staticMethod } from "./methods.ts";
import { openingOf } from "./opening.ts";
import { HOUSE, REPLAY } from "./parameters.ts";
import { HOUR, impliedFromRealised, returnsUntil, worstHours } from "./path.ts";

describe("portfolioMethod", () => {
  it("default: what accountMargin says, over books of every kind", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const underlyings = seed % 3 === 0 ? [0, 1, undefined, undefined] : [0, 1, 0, 2];
      const { arrays, terms, jointLevels, account } = seededBook(seed, { underlyings });
      const market: MarginMarket = {
        terms,
        jointLevels,
        arrays: arrays.map(
          (array): MarginArray | undefined =>
            array && {
              underlying: array.market.underlying,
              spot: array.market.spot,
              step: array.terms.step,
              series: riskArrayValues(array).map((values, place) => ({ ...array.series[place]!, ...values })),
            },
        ),
      };
      const exact = accountMargin(account, market);
      expect(portfolioMethod(market)(account)).toEqual({
        equity: exact.equity,
        maintenanceMargin: exact.maintenanceMargin,
        initialMargin: exact.initialMargin,
        scenario: exact.worst.scenario,
      });
    }
  });
});

describe("staticMethod", () => {
  const { market } = openingOf(syntheticPath([1, 1], 1, 800_000_000_000n), HOUSE);
  const { series } = market.arrays[0]!;
  const place = (kind: string, strike: bigint): number =>
    series.findIndex((one) => one.kind === kind && one.strike === (strike * THOUSAND) / 100n);
  const initial = (positions: [number, number][], tokens = 0): number => {
    const account = {
      positions: positions.map(([at, quantity]) => ({ series: at, quantity: BigInt(quantity) * PPM })),
      cash: 0n,
      collateral: tokens === 0 ? [] : [{ ...NO_COLLATERAL, balance: BigInt(tokens) * PPM, price: THOUSAND, array: 0 }],
    };
    return dollars(staticMethod()(market)(account).initialMargin);
  };
  it("default: perpetuals are not netted against options, shorts cost what longs do", () => {
    expect(initial([[0, 10]])).toBe(1_000);
    expect(initial([[0, -10]])).toBe(1_000);
  });
  it("behavior: a short option costs 20 % less what it is out of the money, 10 % at least", () => {
    expect(initial([[place("call", 105n), -1]])).toBe(150);
    expect(initial([[place("call", 140n), -1]])).toBe(100);
    expect(initial([[place("put", 95n), -1]])).toBe(150);
    expect(initial([[place("put", 70n), -1]])).toBe(100);
  });
  it("behavior: covered calls cost the haircut of what covers them, half covered ones half", () => {
    expect(initial([[place("call", 105n), -2]], 2)).toBe(400);
    expect(initial([[place("call", 105n), -2]], 1)).toBe(200 + 150);
  });
  it("behavior: a long option is paid in full", () => {
    const put = place("put", 100n);
    const account = { positions: [{ series: put, quantity: PPM }], cash: 0n, collateral: [] };
    const { equity, initialMargin } = staticMethod()(market)(account);
    expect(equity).toBeGreaterThan(0n);
    expect(Number(initialMargin - equity)).toBeLessThanOrEqual(2);
  });
  it("behavior: it scales with positions, not with tokens", () => {
    const account = {
      positions: [{ series: 0, quantity: 10n * PPM }],
      cash: 0n,
      collateral: [{ ...NO_COLLATERAL, balance: PPM, price: THOUSAND, array: 0 }],
    };
    expect(dollars(staticMethod(2n * PPM)(market)(account).initialMargin)).toBe(2_200);
  });
  it("default: terms of the test market are the seeded ones", () => expect(HOUSE.terms).toEqual(SEEDED_TERMS));
});

describe("liquidate", () => {
  const { market } = openingOf(syntheticPath([1, 1], 1), HOUSE);
  const setUp = (contracts: bigint, cash: bigint) => {
    const account = emptyHolding("account", 1);
    account.positions[0] = contracts * PPM;
    account.cash = cash * PPM;
    return { account, ledger: emptyLedger([account], 1) };
  };
  it("default: a slice leaves the target, whatever fee and penalty take", () => {
    const { account, ledger } = setUp(10n, -9_600n);
    const method = staticMethod()(market);
    const seen = () =>
      method({ positions: [{ series: 0, quantity: account.positions[0]! }], cash: account.cash, collateral: [] });
    const before = seen();
    const slice = liquidate(ledger, account, before, market, REPLAY, 1_000_000n * PPM)!;
    const after = seen();
    expect(slice.share).toBeGreaterThan(0n);
    expect(slice.share).toBeLessThan(PPM);
    expect(1_000_000n * after.equity).toBeGreaterThanOrEqual(REPLAY.targetHealth * after.maintenanceMargin - PPM);
    // and no more than that: a thousandth of the account less would not do
    expect(1_000_000n * after.equity).toBeLessThan((REPLAY.targetHealth * after.maintenanceMargin * 1_001n) / 1_000n);
    expect(after.equity).toBe(before.equity - slice.fee - slice.penalty);
    expect(slice.sold[0]).toBe(slice.exposure);
  });
  it("behavior: without equity all of it goes, and the penalty is none", () => {
    const { account, ledger } = setUp(10n, -10_500n);
    const slice = liquidate(
      ledger,
      account,
      staticMethod()(market)({ positions: [], cash: -PPM, collateral: [] }),
      market,
      REPLAY,
      10n ** 12n,
    )!;
    expect(slice).toMatchObject({ share: PPM, penalty: 0n });
    expect(account.positions[0]).toBe(0n);
    expect(dollars(account.cash)).toBe(-550);
  });
  it("behavior: no depth, or less than none, takes nothing", () => {
    const { account, ledger } = setUp(10n, -10_500n);
    const assessment = { equity: -500n * PPM, maintenanceMargin: 500n * PPM, initialMargin: 0n, scenario: undefined };
    for (const depth of [0n, -5_000n * PPM]) {
      expect(liquidate(ledger, account, assessment, market, REPLAY, depth)).toBeUndefined();
    }
    expect(account.positions[0]).toBe(10n * PPM);
  });
  it("behavior: what leaves dust takes the whole", () => {
    const { account, ledger } = setUp(1n, -999n);
    const assessment = { equity: PPM, maintenanceMargin: 50n * PPM, initialMargin: 0n, scenario: undefined };
    expect(liquidate(ledger, account, assessment, market, REPLAY, 1n)?.share).toBe(PPM);
  });
});

describe("shareToSell", () => {
  it("default: the least share with equity − share · lost ≥ target · (1 − share)", () => {
    const parameters = { targetHealth: 1_100_000n };
    for (const [equity, maintenanceMargin, lost] of [
      [80n, 100n, 10n],
      [99n, 100n, 1n],
      [30n, 1_000n, 29n],
    ] as const) {
      const scaled = { equity: equity * PPM, maintenanceMargin: maintenanceMargin * PPM };
      const share = shareToSell(scaled, lost * PPM, parameters);
      const reached = (s: bigint) =>
        scaled.equity * PPM - s * lost * PPM >= ((maintenanceMargin * 11n * PPM) / 10n) * (PPM - s);
      expect(reached(share)).toBe(true);
      expect(reached(share - 1n)).toBe(false);
    }
    expect(shareToSell({ equity: 5n, maintenanceMargin: 100n }, 5n, parameters)).toBe(PPM);
  });
});

describe("paths", () => {
  it("default: a missing hour has no return", () => {
    const path = syntheticPath([1, 1, 1.5]);
    const times = path.times.map((time, hour) => (hour === path.times.length - 1 ? time + HOUR : time));
    expect(returnsUntil(path.times, path.prices, times.length - 1).at(-1)).toEqual([500_000n]);
    expect(returnsUntil(times, path.prices, times.length - 1).at(-1)).toEqual([0n]);
  });
  it("default: the rule gives a calm market its own volatility", () => {
    const path = syntheticPath([1, 1.005, 1]);
    const implied = impliedFromRealised(path, 1);
    expect(implied[path.start - 1]).toEqual([undefined]);
    expect(Number(implied[path.start]![0]) / 1e12).toBeCloseTo(0.005 * Math.sqrt(365 * 24), 2);
  });
  it("behavior: a crash raises it by less than the window's own volatility", () => {
    const path = syntheticPath([1, 0.7, 0.7]);
    const [calm, after] = [0, 1].map((h) => Number(impliedFromRealised(path, 1)[path.start + h]![0]) / 1e12);
    expect(after).toBeGreaterThan(2 * calm!);
    // √(0.3 · 0.01 · 0.3²) an hour, and what was there before
    expect(after).toBeLessThan(Math.hypot(Math.sqrt(0.003) * 0.3 * Math.sqrt(8_760), calm!) * 1.1);
  });
  it("default: the hours of the greatest fall are those that end with it", () => {
    const path = syntheticPath([1, 1, 0.9, 0.8, 0.85, 0.7]);
    expect(worstHours(path, 2)).toEqual({ first: path.start + 2, end: path.start + 4 });
    expect(worstHours(path, 0)).toEqual({ first: path.start, end: path.start });
  });
});

describe("impact", () => {
  it("default: what stays and what passes add up to size · share to the power, and the passing halves", () => {
    const impact = { size: 0.1, power: 0.5, permanent: 0.25, halfLife: 3 };
    const moved = noImpact();
    sell(moved, 0.25, impact);
    expect(moved.permanent).toBeCloseTo(-0.0125, 12);
    expect(moved.passing).toBeCloseTo(-0.0375, 12);
    for (let hour = 0; hour < 3; hour++) passHour(moved, impact);
    expect(moved.permanent).toBeCloseTo(-0.0125, 12);
    expect(moved.passing).toBeCloseTo(-0.01875, 12);
    sell(moved, -1, { ...impact, power: 1 });
    expect(impactOf(moved)).toBeCloseTo(-0.03125 + 0.1, 12);
  });
  it("behavior: prices are multiplied by its exponential and never reach 0", () => {
    expect(impacted(10n ** 15n, { permanent: Math.log(0.9), passing: 0 })).toBe(9n * 10n ** 14n);
    expect(impacted(1n, { permanent: -20, passing: 0 })).toBe(1n);
  });
});
