import { describe, expect, it } from "vitest";
import { black76 } from "../options.ts";
import { ForwardMissing, ForwardRepeated, PerpetualPriceMissing } from "./expiries.ts";
import { fieldInFiles, type StressBook, StressFieldInvalid, StressFieldUnknown, stressBookFrom } from "./layout.ts";
import { standardScenarios } from "./scenarioSet.ts";
import { stressTest } from "./stressTest.ts";

/** Round figures of our own, none of an exchange. */
const BOOK: StressBook = {
  cash: 500,
  spot: 1000,
  spotConfidence: 1,
  stablePrice: 1,
  perpetuals: { amount: 0, price: 0, confidence: 1, unrealised: 0 },
  options: [
    { type: "call", strike: 1100, amount: -2, secondsToExpiry: 2_592_000, volatility: 0.7, discount: 0.99 },
    { type: "put", strike: 900, amount: 1, secondsToExpiry: 7_776_000, volatility: 0.8, discount: 0.97 },
  ],
  forwards: [
    { secondsToExpiry: 7_776_000, forward: 1030, rate: 0.1, minConfidence: 1 },
    { secondsToExpiry: 2_592_000, forward: 1010, rate: 0.1, minConfidence: 1 },
  ],
  parameters: {
    upShock: 0.4,
    downShock: 0.2,
    shortPower: 0.25,
    longPower: 0.1,
    daysFloor: 2,
    minimumUpVolatility: 0.3,
    discountPositive: { base: 1, rateMultiplier: 0, rateAddition: 0 },
    discountNegative: { base: 1, rateMultiplier: 0, rateAddition: 0 },
    lossFactor: { maintenance: 0.7, initial: 1.1 },
    skew: {
      linearCap: 0.2,
      linearSlope: -0.04,
      absCap: 0.2,
      absSlope: -0.04,
      kMin: 0.02,
      width: 3,
      volStatic: 0.5,
      volSlope: -0.1,
    },
    forwardContingency: { up: 1.05, down: 0.95, add: 0.4, multiplyYears: 1 },
    perPerp: { maintenance: 0.01, initialExtra: 0.01 },
    perNakedShortOption: { maintenance: 0.02, initialExtra: 0.03 },
    confidence: { threshold: 0.5, factor: 2 },
    peg: { threshold: 0.9, factor: 3 },
  },
};
const withParameters = (change: Partial<StressBook["parameters"]>): StressBook => ({
  ...BOOK,
  parameters: { ...BOOK.parameters, ...change },
});

describe("stressTest", () => {
  it("default: without static discounts a scenario is a revaluation", () => {
    const { scenarios, optionValue } = stressTest({
      ...BOOK,
      scenarios: [{ spot: 1.1, vol: "up", dampening: 0.5 }],
    });
    const value = (level: number, near: number, far: number) =>
      -2 *
        black76({
          type: "call",
          strike: 1100,
          forward: 1010 * level,
          volatility: near,
          years: 30 / 365,
          discount: 0.99,
        }).price +
      black76({ type: "put", strike: 900, forward: 1030 * level, volatility: far, years: 90 / 365, discount: 0.97 })
        .price;
    expect(optionValue).toBeCloseTo(value(1, 0.7, 0.8), 10);
    const far = 0.8 * (1 + 0.4 * (30 / 90) ** 0.1);
    expect(scenarios[0]!.pnl).toBeCloseTo((value(1.1, 0.7 * 1.4, far) - value(1, 0.7, 0.8)) / 2, 10);
  });
  it("behavior: nothing moves in the unchanged scenario, and a skew never gains", () => {
    const { scenarios } = stressTest(BOOK);
    expect(scenarios.find(({ spot, vol }) => spot === 1 && vol === "none")!.pnl).toBeCloseTo(0, 12);
    for (const { vol, pnl } of scenarios) if (vol.startsWith("skew")) expect(pnl).toBeLessThan(0);
    const turned = stressTest({
      ...BOOK,
      options: BOOK.options.map((option) => ({ ...option, amount: -option.amount })),
    });
    expect(turned.worstSkew).toBeCloseTo(stressTest(BOOK).worstSkew, 10);
  });
  it("behavior: volatility shocks have their floors", () => {
    const at = (change: Partial<StressBook["parameters"]>, vol: "up" | "down") =>
      stressTest({ ...withParameters(change), scenarios: [{ spot: 1, vol, dampening: 1 }] }).scenarios[0]!.pnl;
    // a floor above every volatility is the volatility of all
    const value = (volatility: number) =>
      stressTest({ ...BOOK, options: BOOK.options.map((option) => ({ ...option, volatility })) }).optionValue;
    expect(at({ minimumUpVolatility: 2 }, "up")).toBeCloseTo(value(2) - stressTest(BOOK).optionValue, 10);
    // and no volatility falls below 0
    expect(at({ downShock: 50 }, "down")).toBeCloseTo(value(0) - stressTest(BOOK).optionValue, 10);
    expect(at({ daysFloor: 1 }, "up")).toBe(at({ daysFloor: 30 }, "up"));
    expect(at({ daysFloor: 60 }, "up")).not.toBe(at({ daysFloor: 30 }, "up"));
  });
  it("behavior: the forward contingency is a floor of the loss", () => {
    const scenarios = [{ spot: 1, vol: "none" as const, dampening: 1 }];
    const { worst, worstRegular, forwardContingency, maintenanceMarginNet, charges, optionValue } = stressTest({
      ...BOOK,
      scenarios,
    });
    expect(worstRegular).toBeCloseTo(0, 12);
    expect(forwardContingency).toBeLessThan(-10);
    expect(worst).toBe(forwardContingency);
    expect(maintenanceMarginNet).toBeCloseTo(500 + optionValue + 0.7 * worst - charges.maintenance, 10);
    // where every scenario gains, no profit counts
    const gaining = { ...BOOK, options: [], perpetuals: { amount: 1, price: 1000, confidence: 1, unrealised: 0 } };
    expect(stressTest({ ...gaining, scenarios: [{ spot: 2, vol: "none", dampening: 1 }] }).worst).toBe(0);
    expect(stressTest({ ...gaining, scenarios: [] })).toMatchObject({ worst: 0, worstRegular: 0, worstTail: 0 });
  });
  it("behavior: a short option is naked but for the other kind at its strike", () => {
    const [call, put] = BOOK.options as [StressBook["options"][number], StressBook["options"][number]];
    const naked = (...options: StressBook["options"]) =>
      stressTest({ ...BOOK, options }).charges.maintenance / (1000 * 0.02);
    const mirrored = { ...call, type: "put" as const };
    expect(naked(call)).toBeCloseTo(2, 12);
    expect(naked(call, put)).toBeCloseTo(2, 12);
    expect(naked(call, { ...mirrored, amount: 1.5 })).toBeCloseTo(0.5, 12);
    expect(naked(call, mirrored)).toBeCloseTo(4, 12);
    expect(naked(call, { ...call, strike: 1200, amount: 2 })).toBeCloseTo(2, 12);
    expect(naked(call, { ...mirrored, secondsToExpiry: 7_776_000, amount: 2 })).toBeCloseTo(2, 12);
    const { charges } = stressTest({ ...BOOK, options: [call] });
    expect(charges.initial).toBeCloseTo(1000 * 2 * 0.05, 10);
  });
  it("behavior: doubt about prices is charged in initial margin only", () => {
    const forwards = BOOK.forwards.map((forward, i) => ({ ...forward, minConfidence: i === 0 ? 0.4 : 0.5 }));
    const [sure, unsure] = [stressTest(BOOK), stressTest({ ...BOOK, forwards })];
    // one far option, (1 − 0.4) · 2 of the spot
    expect(sure.initialMarginNet - unsure.initialMarginNet).toBeCloseTo(1 * 0.6 * 2 * 1000, 9);
    expect(unsure.maintenanceMarginNet).toBe(sure.maintenanceMarginNet);
    const perpetuals = { amount: -3, price: 1000, confidence: 0.25, unrealised: 0 };
    const known = stressTest({ ...BOOK, perpetuals: { ...perpetuals, confidence: 1 } });
    expect(known.initialMarginNet - stressTest({ ...BOOK, perpetuals }).initialMarginNet).toBeCloseTo(4500, 9);
  });
  it("behavior: a stablecoin below its peg raises the initial factor", () => {
    const [at, below] = [stressTest({ ...BOOK, stablePrice: 0.9 }), stressTest({ ...BOOK, stablePrice: 0.8 })];
    expect(at.initialMarginNet).toBe(stressTest(BOOK).initialMarginNet);
    expect(below.initialMarginNet - at.initialMarginNet).toBeCloseTo(0.1 * 3 * at.worst, 9);
    expect(below.maintenanceMarginNet).toBe(at.maintenanceMarginNet);
  });
  it("behavior: a falling skew cap stops at 0", () => {
    const years = (seconds: number): StressBook => ({
      ...BOOK,
      options: [{ ...BOOK.options[0]!, secondsToExpiry: seconds }],
      forwards: [{ ...BOOK.forwards[1]!, secondsToExpiry: seconds }],
    });
    // 0.2 − 0.04 √25 is 0, and it is negative beyond
    for (const span of [25, 100]) expect(stressTest(years(span * 365 * 86_400)).worstSkew).toBeCloseTo(0, 9);
    expect(stressTest(years(86_400)).worstSkew).toBeLessThan(-1e-3);
  });
  it("behavior: an expired option is its payoff", () => {
    const options = [{ ...BOOK.options[0]!, strike: 900, secondsToExpiry: 0 }];
    const forwards = [{ ...BOOK.forwards[0]!, secondsToExpiry: 0, forward: 1000 }];
    const { optionValue, worstRegular } = stressTest({ ...BOOK, options, forwards });
    expect(optionValue).toBeCloseTo(-2 * 100 * 0.99, 10);
    expect(worstRegular).toBeCloseTo(-2 * 200 * 0.99, 10);
  });
  it("error: ForwardMissing, ForwardRepeated, PerpetualPriceMissing", () => {
    expect(() => stressTest({ ...BOOK, forwards: BOOK.forwards.slice(1) })).toThrow(ForwardMissing);
    expect(() => stressTest({ ...BOOK, forwards: [] })).toThrow(ForwardMissing);
    expect(() => stressTest({ ...BOOK, forwards: [...BOOK.forwards, ...BOOK.forwards] })).toThrow(ForwardRepeated);
    const perpetuals = { amount: 1, price: 0, confidence: 1, unrealised: 0 };
    expect(() => stressTest({ ...BOOK, perpetuals })).toThrow(PerpetualPriceMissing);
  });
});

describe("stressBookFrom", () => {
  // biome-ignore lint/suspicious/noExplicitAny: broken on purpose
  const broken = (change: (book: any) => void) => {
    const book = structuredClone(BOOK);
    change(book);
    return () => stressBookFrom(book);
  };
  it("default: what it reads is what it was given, under the names of files too", () => {
    expect(stressBookFrom(BOOK)).toEqual(BOOK);
    expect(fieldInFiles("perNakedShortOption")).toBe("per_naked_short_option");
    const renamed = JSON.parse(
      JSON.stringify(BOOK).replaceAll(/"([a-zA-Z]+)":/g, (_, field: string) => `"${fieldInFiles(field)}":`),
    );
    expect(stressBookFrom(renamed, fieldInFiles)).toEqual(BOOK);
  });
  it("error: StressFieldInvalid says the field, its value and the limit", () => {
    const wrong: [Parameters<typeof broken>[0], RegExp][] = [
      [(book) => (book.options[1].volatility = -0.1), /^options\[1\]\.volatility is -0\.1 and must be .* at least 0: /],
      [(book) => (book.options[0].strike = 0), /^options\[0\]\.strike is 0 and must be .* above 0/],
      [(book) => (book.options[0].type = "CALL"), /^options\[0\]\.type is "CALL" and must be one of call, put/],
      [(book) => (book.cash = Number.NaN), /^cash is NaN/],
      [(book) => (book.cash = null), /^cash is null/],
      [(book) => (book.spot = "1000"), /^spot is "1000" and must be a finite number above 0/],
      [(book) => delete book.parameters.skew.kMin, /^parameters\.skew\.kMin is missing/],
      [(book) => (book.parameters.skew = 3), /^parameters\.skew is 3 and must be an object/],
      [(book) => (book.options = {}), /^options is {} and must be a list/],
      [(book) => (book.options[0] = []), /^options\[0\] is \[\] and must be an object/],
      [(book) => (book.spotConfidence = 1.1), /^spotConfidence is 1\.1 and must be a number from 0 to 1/],
      [(book) => (book.scenarios = [{ spot: 1, vol: "sideways", dampening: 1 }]), /^scenarios\[0\]\.vol is "sideways"/],
      [(book) => (book.scenarios = null), /^scenarios is null and must be a list/],
    ];
    for (const [change, message] of wrong) {
      expect(broken(change)).toThrow(StressFieldInvalid);
      expect(broken(change)).toThrow(message);
    }
    for (const value of [undefined, null, 3, [BOOK]]) expect(() => stressBookFrom(value)).toThrow(StressFieldInvalid);
  });
  it("error: StressFieldUnknown", () => {
    expect(broken((book) => (book.futures = []))).toThrow(StressFieldUnknown);
    expect(broken((book) => (book.options[0].expiry = 3))).toThrow(/^options\[0\]\.expiry is no field of a book/);
  });
});

describe("standardScenarios", () => {
  it("behavior: both sides stand on their own shock", () => {
    const scenarios = standardScenarios({ forwardContingency: { up: 1.1, down: 0.95, add: 0, multiplyYears: 0 } });
    expect(scenarios.map(({ spot }) => spot).slice(0, 23)).toEqual([
      1.4, 1.3, 1.3, 1.3, 1.2, 1.2, 1.2, 1.1, 1.1, 1.1, 1, 1, 1, 0.95, 0.95, 0.95, 0.9, 0.9, 0.9, 0.85, 0.85, 0.85, 0.8,
    ]);
    expect(scenarios.slice(23).map(({ dampening }) => dampening)).toEqual([
      0.060606060606, 0.121212121212, 0.16, 0.08, 0.04, 0.026666666667, 1, 1,
    ]);
  });
});
