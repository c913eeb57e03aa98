import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  DiscountNotPositive,
  type OptionKind,
  OptionPriceNotPositive,
  OptionTypeUnknown,
  RateNotFinite,
  VolatilityNegative,
  YearsNegative,
} from "./optionInput.ts";
import { type Black76Input, type BlackScholesInput, black76, blackScholes } from "./options.ts";
import { seededDraws } from "./seededDraws.ts";

const reference = (file: string) => new URL(`../../../../shared/reference/${file}`, import.meta.url);
const casesOf = (file: string) =>
  existsSync(reference(file)) ? JSON.parse(readFileSync(reference(file), "utf8")).cases : [];

type Row = Record<string, number> & { type: OptionKind };
type OptionCase = {
  id: string;
  inputs: Row & { rows?: Row[] };
  expected: Record<string, number> & { prices?: number[]; rows?: Record<string, number>[] };
  tolerance: Record<string, number>;
};
const cases: OptionCase[] = casesOf("options.json");
const marks: OptionCase[] = casesOf("deribit-marks-2020-05-21.json");

/** Every figure that the reference asks for, of whichever model its inputs belong to. */
function figuresOf(row: Row): Record<string, number> {
  const { type, strike, volatility, years, rate } = row as Required<Row>;
  if ("forward" in row) {
    const discount = Math.exp(-rate! * years!);
    return {
      ...black76({ type, forward: row.forward!, strike: strike!, volatility: volatility!, years: years!, discount }),
    };
  }
  const figures = blackScholes({
    type,
    spot: row.spot!,
    strike: strike!,
    volatility: volatility!,
    years: years!,
    rate: rate!,
    dividendYield: row.dividend_yield,
  });
  return { ...figures, thetaPerDay: figures.theta / 365 };
}

/** What a case's row should be, by figure; `call_delta` is the delta of the call with the row's other figures. */
function comparisons({ inputs, expected }: OptionCase): [name: string, value: number, wanted: number][] {
  const rows = inputs.rows ?? [inputs];
  return rows.flatMap((row, place) => {
    const wanted: Record<string, number> =
      expected.prices !== undefined ? { price: expected.prices[place]! } : (expected.rows?.[place] ?? expected);
    return Object.entries(wanted).map(([name, value]): [string, number, number] => {
      const [, side, figure] = /^(call|put)_?(.*)$/.exec(name) ?? [];
      const figures = figuresOf({ ...row, type: (side ?? row.type ?? "call") as OptionKind } as Row);
      const ours = figures[side === undefined ? name : figure || "price"];
      return [`${place}: ${name}`, ours!, value];
    });
  });
}
const toleranceOf = (name: string, tolerance: Record<string, number>): number => {
  const figure = name.replace(/^\d+: /, "");
  if (tolerance.abs !== undefined) return tolerance.abs;
  if (figure === "d1" || figure === "d2") return tolerance.d!;
  if (/^(prices?|call|put)$/.test(figure)) return tolerance.price!;
  return figure.endsWith("theta") ? tolerance.theta! : tolerance.other!;
};

describe.skipIf(cases.length === 0)(
  "options on published figures (skipped where ../shared/reference is absent)",
  () => {
    it.each(cases.map((option) => [option.id, option] as const))("behavior: %s", (_, option) => {
      const compared = comparisons(option);
      const listed =
        option.expected.prices ?? option.expected.rows?.flatMap(Object.values) ?? Object.values(option.expected);
      expect(compared).toHaveLength(listed.length);
      for (const [name, ours, wanted] of compared) {
        expect(Math.abs(ours - wanted), `${name} ${ours} ${wanted}`).toBeLessThanOrEqual(
          toleranceOf(name, option.tolerance),
        );
      }
    });
    it.each(marks.map((mark) => [mark.id, mark] as const))("behavior: %s", (_, { inputs, expected, tolerance }) => {
      expect(inputs.rows).toHaveLength(28);
      inputs.rows!.forEach((row, i) => {
        const { forward_usd: forward, expiry_ms: expiry, timestamp_ms: timestamp, mark_iv: volatility } = row;
        const years = (expiry! - timestamp!) / (365 * 86_400_000);
        const { price, delta, gamma, vega } = black76({
          type: row.type,
          forward: forward!,
          strike: row.strike!,
          volatility: volatility!,
          years,
        });
        const wanted = expected.rows![i]!;
        const message = JSON.stringify(row);
        expect(Math.abs(price / forward! - wanted.mark_price_btc!), message).toBeLessThanOrEqual(
          tolerance.mark_price_btc!,
        );
        expect(Math.abs(delta - wanted.delta!), message).toBeLessThanOrEqual(tolerance.delta!);
        // the case states no tolerance for these: gamma is printed to 10⁻⁵, and vega leans on a volatility printed to 10⁻⁴
        expect(Math.abs(gamma - wanted.gamma!), message).toBeLessThanOrEqual(1e-5);
        expect(Math.abs(vega / 100 - wanted.vega_per_1pct!), message).toBeLessThanOrEqual(1e-3 * vega + 1e-3);
      });
    });
  },
);

/** Price slope by a central difference of fourth order. */
function slope(price: (shift: number) => number, step: number): number {
  return (8 * (price(step) - price(-step)) - (price(2 * step) - price(-2 * step))) / (12 * step);
}

describe("black76", () => {
  const input: Black76Input = { type: "put", forward: 105, strike: 100, volatility: 0.4, years: 0.7, discount: 0.97 };

  it("default: every Greek is the slope of the price", () => {
    const rate = -Math.log(0.97) / 0.7;
    for (const type of ["call", "put"] as const) {
      const at = (change: Partial<Black76Input>) => black76({ ...input, type, ...change });
      const { delta, gamma, vega, theta, rho } = at({});
      expect(delta).toBeCloseTo(
        slope((h) => at({ forward: 105 + h }).price, 0.1),
        8,
      );
      expect(gamma).toBeCloseTo(
        slope((h) => at({ forward: 105 + h }).delta, 0.1),
        8,
      );
      expect(vega).toBeCloseTo(
        slope((h) => at({ volatility: 0.4 + h }).price, 1e-3),
        6,
      );
      const later = (h: number) => at({ years: 0.7 - h, discount: Math.exp(-rate * (0.7 - h)) }).price;
      expect(theta).toBeCloseTo(slope(later, 1e-3), 6);
      expect(rho).toBeCloseTo(
        slope((h) => at({ discount: Math.exp(-(rate + h) * 0.7) }).price, 1e-3),
        6,
      );
    }
  });
  it("behavior: parity, bounds and monotony hold for any option", () => {
    const draws = seededDraws(3);
    for (let i = 0; i < 3000; i++) {
      const forward = 10 ** (8 * draws.uniform() - 3);
      const strike = forward * 10 ** (6 * draws.uniform() - 3);
      const volatility = draws.uniform() < 0.1 ? 0 : 10 ** (6 * draws.uniform() - 4);
      const years = draws.uniform() < 0.1 ? 0 : 10 ** (10 * draws.uniform() - 8);
      const discount = 0.5 + draws.uniform();
      const common = { forward, strike, volatility, years, discount };
      const [call, put] = [black76({ type: "call", ...common }), black76({ type: "put", ...common })];
      const unit = discount * (forward + strike) * 4e-16;
      expect(Math.abs(call.price - put.price - discount * (forward - strike))).toBeLessThanOrEqual(2 * unit);
      for (const [{ price }, sign, most] of [
        [call, 1, forward],
        [put, -1, strike],
      ] as const) {
        expect(price).toBeGreaterThanOrEqual(Math.max(0, discount * sign * (forward - strike)) - unit);
        expect(price).toBeLessThanOrEqual(discount * most + unit);
      }
      expect(Math.abs(call.delta - put.delta - discount)).toBeLessThanOrEqual(4e-16 * discount);
      expect([put.gamma, put.vega]).toEqual([call.gamma, call.vega]);
      const more = black76({ type: "call", ...common, volatility: volatility * 1.01 + 1e-3 });
      expect(more.price).toBeGreaterThanOrEqual(call.price - unit);
      for (const value of Object.values(call).slice(0, 6))
        expect(Number.isFinite(value), JSON.stringify(common)).toBe(true);
    }
  });
  it("behavior: far out of the money the price keeps its digits", () => {
    // d₁ = −13.8: mpmath 1.3.0 with 60 digits
    const { price } = black76({ type: "call", forward: 100, strike: 400, volatility: 0.1, years: 1 });
    expect(Math.abs(price / 7.575532479186121e-44 - 1)).toBeLessThan(1e-11);
  });
  it("behavior: without time or volatility the payoff, with both sides of the kink", () => {
    for (const [volatility, years] of [
      [0, 1],
      [0.5, 0],
      [0, 0],
    ] as const) {
      const at = (type: OptionKind, forward: number) =>
        black76({ type, forward, strike: 100, volatility, years, discount: 0.9 });
      expect(at("call", 110)).toMatchObject({ price: 9, delta: 0.9, gamma: 0, vega: 0 });
      expect(at("call", 90)).toMatchObject({ price: 0, delta: 0, gamma: 0, vega: 0 });
      expect(at("put", 90)).toMatchObject({ price: 9, delta: -0.9, gamma: 0, vega: 0 });
      expect(at("put", 110).delta).toBeCloseTo(0, 15);
      expect(at("call", 100)).toMatchObject({ price: 0, delta: 0.45, gamma: 0 });
      expect(at("put", 100)).toMatchObject({ price: 0, delta: -0.45, gamma: 0 });
      expect(at("call", 110).theta).toBeCloseTo(years === 0 ? 0 : 9 * -Math.log(0.9), 12);
    }
    // the limit of vega at the strike, approached
    const limit = black76({ type: "call", forward: 100, strike: 100, volatility: 0, years: 0.25 }).vega;
    expect(black76({ type: "call", forward: 100, strike: 100, volatility: 1e-9, years: 0.25 }).vega).toBeCloseTo(
      limit,
      10,
    );
    // and the payoff is what small volatilities tend to
    expect(black76({ type: "put", forward: 99, strike: 100, volatility: 1e-6, years: 1 }).price).toBeCloseTo(1, 12);
  });
  it("behavior: figures at the end of what a double holds", () => {
    expect(black76({ type: "call", forward: 1e300, strike: 1e-300, volatility: 1, years: 1 }).price).toBe(1e300);
    expect(black76({ type: "call", forward: 5, strike: 7, volatility: 1e308, years: 4 }).price).toBe(5);
    expect(black76({ type: "put", forward: 5, strike: 7, volatility: 1e-200, years: 1e-200 }).price).toBe(2);
  });
  it("error: each impossible figure has its name", () => {
    const wrong: [Record<string, unknown>, new (...a: never[]) => Error][] = [
      [{ type: "straddle" }, OptionTypeUnknown],
      [{ forward: 0 }, OptionPriceNotPositive],
      [{ forward: Number.NaN }, OptionPriceNotPositive],
      [{ forward: undefined }, OptionPriceNotPositive],
      [{ strike: -1 }, OptionPriceNotPositive],
      [{ strike: Infinity }, OptionPriceNotPositive],
      [{ volatility: -0.1 }, VolatilityNegative],
      [{ volatility: "0.5" }, VolatilityNegative],
      [{ volatility: Infinity }, VolatilityNegative],
      [{ years: -1e-9 }, YearsNegative],
      [{ years: Number.NaN }, YearsNegative],
      [{ discount: 0 }, DiscountNotPositive],
      [{ discount: Infinity }, DiscountNotPositive],
    ];
    for (const [change, name] of wrong) {
      expect(() => black76({ ...input, ...change } as Black76Input), JSON.stringify(change)).toThrow(name);
    }
    expect(() => black76({ ...input, volatility: -0.1 })).toThrow(
      /is -0\.1 and must be .* at least 0: give it per year/,
    );
  });
});

describe("blackScholes", () => {
  const input: BlackScholesInput = {
    type: "call",
    spot: 105,
    strike: 100,
    volatility: 0.3,
    years: 0.6,
    rate: 0.05,
    dividendYield: 0.02,
  };

  it("default: every Greek is the slope of the price", () => {
    for (const type of ["call", "put"] as const) {
      const at = (change: Partial<BlackScholesInput>) => blackScholes({ ...input, type, ...change });
      const { price, delta, gamma, vega, theta, rho, dividendRho, elasticity } = at({});
      expect(delta).toBeCloseTo(
        slope((h) => at({ spot: 105 + h }).price, 0.1),
        8,
      );
      expect(gamma).toBeCloseTo(
        slope((h) => at({ spot: 105 + h }).delta, 0.1),
        8,
      );
      expect(vega).toBeCloseTo(
        slope((h) => at({ volatility: 0.3 + h }).price, 1e-3),
        6,
      );
      expect(theta).toBeCloseTo(
        slope((h) => at({ years: 0.6 - h }).price, 1e-3),
        6,
      );
      expect(rho).toBeCloseTo(
        slope((h) => at({ rate: 0.05 + h }).price, 1e-3),
        6,
      );
      expect(dividendRho).toBeCloseTo(
        slope((h) => at({ dividendYield: 0.02 + h }).price, 1e-3),
        6,
      );
      expect(elasticity).toBeCloseTo((delta * 105) / price, 12);
    }
  });
  it("behavior: without volatility the forward's payoff, discounted", () => {
    const { price, delta } = blackScholes({ ...input, volatility: 0 });
    expect(price).toBeCloseTo(105 * Math.exp(-0.02 * 0.6) - 100 * Math.exp(-0.05 * 0.6), 12);
    expect(delta).toBeCloseTo(Math.exp(-0.02 * 0.6), 12);
    expect(blackScholes({ ...input, years: 0 })).toMatchObject({ price: 5, delta: 1, gamma: 0, vega: 0 });
  });
  it("error: RateNotFinite, and a forward that the rate makes impossible", () => {
    expect(() => blackScholes({ ...input, rate: Number.NaN })).toThrow(RateNotFinite);
    expect(() => blackScholes({ ...input, dividendYield: Infinity })).toThrow(RateNotFinite);
    expect(() => blackScholes({ ...input, rate: 1e4 })).toThrow(OptionPriceNotPositive);
    expect(() => blackScholes({ ...input, spot: 0 })).toThrow(OptionPriceNotPositive);
  });
});
