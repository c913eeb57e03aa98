import { describe, expect, it } from "vitest";
import {
  GREEKS,
  MARGIN_LEVELS,
  PPM,
  PPT,
  SCENARIO_COUNT,
  type SeriesKind,
  SIZES,
  STATE_COUNT,
} from "../../protocol.ts";
import { marginArrayOf } from "../../statements/arrayWords.ts";
import { riskArrayFacts } from "../../statements/riskArray.ts";
import { seededDraws } from "../seededDraws.ts";
import {
  ArrayMissing,
  type MarginAccount,
  type MarginArray,
  type MarginMarket,
  type MarginSeries,
  PositionsNotAscending,
  TooMany,
} from "./account.ts";
import { accountMargin, arrayProfits, scenarioMargin, scenarioProfit } from "./accountMargin.ts";
import { balanceCredit, balanceValue, NO_COLLATERAL } from "./collateral.ts";
import { JOINT_STATE_COUNT } from "./jointStates.ts";
import { ScenarioUnknown, scenarioAt, scenarioName } from "./scenarios.ts";
import { SEEDED_TERMS, seededBook } from "./seededBook.ts";

type Book = { readonly account: MarginAccount; readonly market: MarginMarket };

function bookOf(seed: number, options: Parameters<typeof seededBook>[1] = {}): Book {
  const { account, arrays, terms, jointLevels } = seededBook(seed, { size: SIZES.small, ...options });
  const opened = arrays.map((array) => array && marginArrayOf(riskArrayFacts(array, SIZES.small)));
  return { account, market: { arrays: opened, terms, jointLevels } };
}

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);
const books = SEEDS.map((seed) => bookOf(seed));

/** A series whose every figure is 0 but those given. */
const series = (kind: SeriesKind, given: Partial<MarginSeries> = {}): MarginSeries => ({
  kind,
  expirySlot: 0,
  basis: 0n,
  strike: 0n,
  riskArray: new Array<bigint>(STATE_COUNT).fill(0n),
  mark: 0n,
  delta: 0n,
  gamma: 0n,
  vega: 0n,
  errorBound: 0n,
  ...given,
});
const SPOT = 2_000n * PPT;
const array = (underlying: number, listed: readonly MarginSeries[]): MarginArray => ({
  underlying,
  spot: SPOT,
  step: 50_000n,
  series: listed,
});
const marketOf = (arrays: MarginMarket["arrays"], jointLevel = 3): MarginMarket => ({
  arrays,
  terms: SEEDED_TERMS,
  jointLevels: new Array<number>(JOINT_STATE_COUNT).fill(jointLevel),
});
const holding = (positions: MarginAccount["positions"]): MarginAccount => ({ positions, cash: 0n, collateral: [] });
const figures = (given: Partial<MarginSeries>) => series("perpetual", given);

describe("accountMargin", () => {
  it("default: a perpetual, to the last digit", () => {
    const moves = Array.from({ length: STATE_COUNT }, (_, s) => BigInt(s - 10) * 7_777_777n);
    const market = marketOf([array(0, [figures({ riskArray: moves, mark: PPT + 5n, delta: PPT, errorBound: 3n })])]);
    const margin = accountMargin({ ...holding([{ series: 0, quantity: -2_500_000n }]), cash: 9_000_000_000n }, market);
    // −2.5 contracts at 2,000 dollars and 5 ppt
    expect(margin.equity).toBe(9_000_000_000n - 5_000_000_000n - 1n);
    // the highest state gains 20 · 7,777,777 ppt of spot
    expect(margin.worst).toEqual({ scenario: 30, loss: 2_500_000n * SPOT * 20n * 7_777_777n });
    const spotValue = 5_000_000_000n;
    const charge = (rate: bigint) => (rate * spotValue) / PPM;
    // the worst loss is 777,777.7 ppm of a dollar; the error 2.5 · 3 ppt of 2,000 dollars, 0.015 ppm of a dollar, 1.8 times
    expect(margin.maintenanceMargin).toBe((777_777_700n * 8n) / 10_000n + charge(15_000n) + 1n);
    expect(margin.initialMargin).toBe(777_777_700n / 1_000n + charge(20_000n) + 1n);
    expect(margin.greeks).toEqual({
      delta: [-50_000_000n, 0n, 0n, 0n],
      gamma: [0n, 0n, 0n, 0n],
      vega: [0n, 0n, 0n, 0n],
    });
  });

  it("default: an account with nothing has nothing and needs nothing", () => {
    const { equity, maintenanceMargin, initialMargin, excess, worst } = accountMargin(holding([]), marketOf([]));
    expect([equity, maintenanceMargin, initialMargin, excess.initial, worst.loss]).toEqual([0n, 0n, 0n, 0n, 0n]);
  });

  it("default: puts are worth call + K − F", () => {
    const strike = 2_300n * PPT + 1n;
    const market = marketOf([
      array(0, [series("call", { mark: 40_000n, strike }), series("put", { mark: 40_000n, strike, basis: 1_000n })]),
    ]);
    const worth = (position: number) => accountMargin(holding([{ series: position, quantity: PPM }]), market).equity;
    // forward 2,002 dollars; rounded down
    expect(worth(1) - worth(0)).toBe(298_000_000n);
  });

  it("behavior: no scenario is left out of the worst loss, and the first of the worst is named", () => {
    for (const { account, market } of books) {
      const { scenarioProfits, worst } = accountMargin(account, market);
      expect(scenarioProfits).toHaveLength(SCENARIO_COUNT);
      for (const profit of scenarioProfits) expect(-profit <= worst.loss).toBe(true);
      if (worst.loss > 0n) expect(scenarioProfits.indexOf(-worst.loss)).toBe(worst.scenario);
    }
  });

  it("behavior: negative equity has a figure", () => {
    const { account, market } = books[0]!;
    const poor = accountMargin({ ...account, cash: -(10n ** 15n) }, market);
    expect(poor.equity < 0n).toBe(true);
    expect(poor.excess.maintenance < poor.equity).toBe(true);
  });

  it("behavior: a position of quantity 0 counts nothing", () => {
    for (const seed of [1, 2, 3]) {
      const { account, market } = bookOf(seed, { positions: 2 });
      const free = [0, 1, 16, 17, 32, 33].find(
        (number) => !account.positions.some(({ series: held }) => held === number),
      )!;
      const positions = [...account.positions, { series: free, quantity: 0n }].toSorted((a, b) => a.series - b.series);
      expect(accountMargin({ ...account, positions }, market)).toEqual(accountMargin(account, market));
    }
  });

  it("error: PositionsNotAscending", () => {
    const { account, market } = books[0]!;
    const [first, second] = account.positions;
    for (const positions of [
      [second!, first!],
      [first!, first!],
    ]) {
      expect(() => accountMargin({ ...account, positions }, market)).toThrow(PositionsNotAscending);
    }
  });

  it("error: ArrayMissing, of a series and of collateral", () => {
    const { account, market } = bookOf(1, { underlyings: [0] });
    for (const number of [2, 16, 63, 64, -1]) {
      const positions = [{ series: number, quantity: 1n }];
      expect(() => accountMargin({ ...account, positions }, market)).toThrow(
        number < 0 ? PositionsNotAscending : ArrayMissing,
      );
    }
    const collateral = [{ ...NO_COLLATERAL, array: 1 }];
    expect(() => accountMargin({ ...account, collateral }, market)).toThrow(ArrayMissing);
  });

  it("error: TooMany positions, balances, arrays", () => {
    const { market } = books[0]!;
    const positions = Array.from({ length: 17 }, (_, place) => ({ series: place, quantity: 1n }));
    expect(() => accountMargin(holding(positions), market)).toThrow(TooMany);
    expect(() => accountMargin({ ...holding([]), collateral: new Array(13).fill(NO_COLLATERAL) }, market)).toThrow(
      TooMany,
    );
    expect(() => accountMargin(holding([]), { ...market, arrays: new Array(5).fill(undefined) })).toThrow(TooMany);
  });
});

describe("health", () => {
  it("behavior: more cash or collateral never lowers it", () => {
    const draws = seededDraws(900);
    for (const { account, market } of books) {
      const before = accountMargin(account, market).excess;
      for (let lane = -1; lane < 12; lane++) {
        for (const exponent of [0, 3, 9, 14]) {
          const added = BigInt(draws.integer(1, 9)) * 10n ** BigInt(exponent);
          const collateral = account.collateral.map((held, at) =>
            at === lane ? { ...held, balance: held.balance + added } : held,
          );
          const richer = lane < 0 ? { ...account, cash: account.cash + added } : { ...account, collateral };
          const after = accountMargin(richer, market).excess;
          for (const level of MARGIN_LEVELS) expect(after[level] >= before[level]).toBe(true);
        }
      }
    }
  });

  it("behavior: no state raises it by being worse for a position", () => {
    const draws = seededDraws(901);
    for (const { account, market } of books) {
      const before = accountMargin(account, market).excess;
      for (let change = 0; change < 8; change++) {
        const { series: number, quantity } = account.positions[draws.integer(0, account.positions.length - 1)]!;
        const state = draws.integer(0, STATE_COUNT - 1);
        const worse = BigInt(draws.integer(1, 1_000_000)) * 1_000n * (quantity > 0n ? -1n : 1n);
        const arrays = market.arrays.map((listed, a) =>
          a !== Math.floor(number / 16) || listed === undefined
            ? listed
            : {
                ...listed,
                series: listed.series.map((entry, k) =>
                  k === number % 16
                    ? { ...entry, riskArray: entry.riskArray.map((v, s) => (s === state ? v + worse : v)) }
                    : entry,
                ),
              },
        );
        const after = accountMargin(account, { ...market, arrays }).excess;
        for (const level of MARGIN_LEVELS) expect(after[level] <= before[level]).toBe(true);
      }
    }
  });

  it("behavior: one account never needs more than its halves would, but for basis", () => {
    const draws = seededDraws(902);
    for (const { account, market: charged } of books) {
      const market = { ...charged, terms: { ...charged.terms, basis: 0n } };
      const half = account.positions.map(({ series: number, quantity }) => ({
        series: number,
        quantity: (quantity * BigInt(draws.integer(-20, 30))) / 10n,
      }));
      const rest = account.positions.map(({ series: number, quantity }, place) => ({
        series: number,
        quantity: quantity - half[place]!.quantity,
      }));
      const needs = (positions: MarginAccount["positions"]) => accountMargin(holding(positions), market).initialMargin;
      expect(needs(account.positions) <= needs(half) + needs(rest)).toBe(true);
    }
  });
});

describe("chargesOf", () => {
  const slotOf = (kind: SeriesKind, expirySlot: number) => series(kind, { expirySlot, delta: PPT / 2n });
  const initial = (positions: MarginAccount["positions"], arrays: MarginMarket["arrays"]) =>
    accountMargin(holding(positions), marketOf(arrays)).charges.initial;
  /** {10⁻³⁶ dollar} of a rate on contracts' spot value */
  const charge = (rate: bigint, contracts: bigint) => rate * SPOT * contracts * PPM * PPT;
  const long = { series: 0, quantity: 2n * PPM };

  it("default: perpetuals by size, shorts by what is short, naked shorts by what no long covers", () => {
    const listed = [slotOf("perpetual", 0), slotOf("call", 1), slotOf("call", 2), slotOf("put", 1)];
    const positions = [-1n, 3n, -5n, -4n].map((contracts, place) => ({ series: place, quantity: contracts * PPM }));
    const charges = initial(positions, [array(0, listed)]);
    expect(charges.perpetual).toBe(charge(SEEDED_TERMS.initialPerpetual, 1n));
    expect(charges.shortOptions).toBe(charge(SEEDED_TERMS.shortOptionMinimum, 9n));
    expect(charges.nakedShort).toBe(charge(SEEDED_TERMS.initialNakedShort, 2n + 4n));
    // deltas −½, (3 − 4) / 2, −5 / 2: all one way
    expect(charges.basis).toBe(0n);
  });

  it("default: basis by what expiries offset each other", () => {
    const listed = [slotOf("call", 1), slotOf("call", 2), slotOf("call", 2)];
    const positions = [long, { series: 1, quantity: -PPM }, { series: 2, quantity: -2n * PPM }];
    // deltas 1 and −3/2: sizes 5/2, net 1/2
    expect(initial(positions, [array(0, listed)]).basis).toBe(charge(SEEDED_TERMS.basis, 2n));
  });

  it("default: the error of either sign's values, once for the mark and by the loss factor for the state", () => {
    const listed = [series("call", { errorBound: 30_000n }), series("put", { errorBound: 7n })];
    const positions = [4n, -9n].map((contracts, place) => ({ series: place, quantity: contracts * PPM }));
    const bounds = SPOT * PPM * (4n * 30_000n + 9n * 7n);
    const market = marketOf([array(0, listed)]);
    const { charges } = accountMargin(holding(positions), market);
    expect(charges.initial.error).toBe(2_000_000n * bounds);
    expect(charges.maintenance.error).toBe(1_800_000n * bounds);
  });

  it("behavior: kin are charged as one, whichever array is missing before them", () => {
    const short = { series: 16, quantity: -2n * PPM };
    const [call, later] = [array(0, [slotOf("call", 1)]), array(0, [slotOf("call", 3)])];
    const kin = initial([long, short], [call, later]);
    expect(kin.nakedShort).toBe(0n);
    expect(kin.basis).toBe(charge(SEEDED_TERMS.basis, 2n));
    const strangers = initial([long, short], [call, { ...later, underlying: 1 }]);
    expect(strangers.nakedShort).toBe(charge(SEEDED_TERMS.initialNakedShort, 2n));
    expect(strangers.basis).toBe(0n);
    const moved = [long, short].map((held) => ({ ...held, series: held.series + 32 }));
    expect(initial(moved, [undefined, undefined, call, later])).toEqual(kin);
  });
});

describe("scenarioMargin", () => {
  it("default: never asks more than the whole set, and as much in the worst", () => {
    for (const { account, market } of books.slice(0, 12)) {
      const whole = accountMargin(account, market);
      for (const level of MARGIN_LEVELS) {
        for (let scenario = 0; scenario < SCENARIO_COUNT; scenario += scenario === whole.worst.scenario ? 1 : 4) {
          const one = scenarioMargin(account, market, scenario, level);
          expect(one.equity).toBe(whole.equity);
          expect(one.excess >= whole.excess[level]).toBe(true);
        }
        expect(scenarioMargin(account, market, whole.worst.scenario, level).excess).toBe(whole.excess[level]);
      }
    }
  });

  it("error: ScenarioUnknown", () => {
    const { account, market } = books[0]!;
    for (const scenario of [-1, SCENARIO_COUNT, 0.5]) {
      expect(() => scenarioMargin(account, market, scenario)).toThrow(ScenarioUnknown);
    }
  });
});

describe("scenarioProfit", () => {
  const market = books[0]!.market;
  // profits that tell array and state apart
  const profits = Array.from({ length: 4 }, (_, a) =>
    Array.from({ length: STATE_COUNT }, (_, s) => 100n ** BigInt(a) * BigInt(s)),
  );
  const jointLevels = Array.from({ length: JOINT_STATE_COUNT }, (_, place) => place % 7);
  const told = (scenario: number, arrays = market.arrays) =>
    scenarioProfit(scenario, profits, { ...market, arrays, jointLevels });
  const alike = (...underlyings: number[]) => underlyings.map((underlying) => array(underlying, []));

  it("default: alone, with kin", () => {
    expect(told(31 + 7, alike(0, 1, 2, 3))).toBe(700n);
    expect(told(31 + 7, alike(1, 1, 2, 1))).toBe(7_000_707n);
    expect(told(31 + 7, [undefined, ...alike(1, 2, 3)])).toBe(700n);
  });

  it("default: together", () => {
    expect(told(124 + 30)).toBe(30_303_030n);
  });

  it("default: joint, by the levels of who leads", () => {
    // sign 1, array 2, volatility 1: lanes 24 to 27 hold levels 3, 4, 5, 6, so states 10, 13, 16, 19
    expect(told(155 + 3 * (4 + 2) + 1)).toBe(19_161_310n);
  });

  it("default: joint with correlation one, by their own levels", () => {
    // sign 0, volatility 2: lanes 0, 5, 10, 15 hold levels 0, 5, 3, 1, so states 2, 17, 11, 5
    expect(told(179 + 2)).toBe(5_111_702n);
  });

  it("default: numbers and scenarios are one to one", () => {
    const all = Array.from({ length: SCENARIO_COUNT }, (_, s) => s);
    expect(new Set(all.map((s) => JSON.stringify(scenarioAt(s)))).size).toBe(SCENARIO_COUNT);
    expect(new Set(all.map(scenarioName)).size).toBe(SCENARIO_COUNT);
  });
});

describe("arrayProfits", () => {
  it("default: collateral moves with its array by its credit, as a perpetual without basis would", () => {
    const { account, market } = bookOf(3, { positions: 0, underlyings: [0, 1, 0, 2] });
    const profits = arrayProfits(account, market);
    account.collateral.forEach((collateral, lane) => {
      if (collateral.array === undefined || collateral.balance === 0n) return;
      const credit = balanceCredit(collateral);
      const { step } = market.arrays[collateral.array]!;
      const row = profits[collateral.array]!;
      expect(row[0], `lane ${lane}`).toBe(-3n * step * PPM * PPT * credit);
      expect(row[20]).toBe(3n * step * PPM * PPT * credit);
      // a fall of 66 % counts for a fifth of the range
      expect(row[21]! * 5n).toBe(row[0]);
      expect(row[28]! * 5n).toBe(row[20]);
      expect(row[29]).toBe(0n);
    });
  });
});

describe("balanceCredit", () => {
  const lane = { price: PPT, haircut: 100_000n, slope: 50_000n };

  it("default: a tenth off, and less for every million", () => {
    expect(balanceCredit({ ...lane, slope: 0n, balance: 1_000_000n * PPM })).toBe(900_000n * PPM);
    // 0.9 / 1.05 of a million
    expect(balanceCredit({ ...lane, balance: 1_000_000n * PPM })).toBe(857_142_857_142n);
  });

  it("behavior: rises with the balance, never past (1 − haircut) / slope", () => {
    let before = 0n;
    for (let balance = 1n; balance < 1n << 63n; balance = (balance * 5n) / 3n + 1n) {
      const credit = balanceCredit({ ...lane, balance });
      expect(credit >= before && credit <= balanceValue({ ...lane, balance })).toBe(true);
      before = credit;
    }
    expect(before <= (900_000n * 10n ** 18n) / (50_000n * PPM)).toBe(true);
  });

  it("behavior: a haircut of one or more leaves nothing", () => {
    for (const haircut of [PPM, 2n * PPM]) expect(balanceCredit({ ...lane, haircut, balance: 10n ** 12n })).toBe(0n);
  });
});

describe("greeks", () => {
  it("default: of an account are what its equity does", () => {
    // a move of one per cent in a market of perpetuals and collateral
    const { account, market } = bookOf(3, { positions: 0 });
    const { greeks } = accountMargin(account, market);
    const credits = [0, 1, 2, 3].map((a) =>
      account.collateral.filter(({ array: at }) => at === a).reduce((sum, held) => sum + balanceCredit(held), 0n),
    );
    expect(greeks.delta).toEqual(credits.map((credit) => credit / 100n));
    for (const greek of GREEKS.slice(1)) expect(greeks[greek]).toEqual([0n, 0n, 0n, 0n]);
  });
});
