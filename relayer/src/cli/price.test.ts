import { existsSync, readFileSync } from "node:fs";
import { black76 } from "@equipoise/sdk";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

const reference = (file: string) => new URL(`../../../../shared/reference/${file}`, import.meta.url);
const YEAR = 31_536_000;

async function run(...argv: string[]) {
  const [out, error]: [string[], string[]] = [[], []];
  const code = await runCommandLine(["price", ...argv], COMMANDS, {
    out: (line) => out.push(line),
    error: (line) => error.push(line),
  });
  const result = argv.includes("--json") && out.length > 0 ? JSON.parse(out.at(-1)!) : undefined;
  return { code, out: out.join("\n"), error: error.join("\n"), result };
}

type Option = {
  type: "call" | "put";
  forward: number;
  strike: number;
  volatility: number;
  years: number;
  discount?: number;
};
const argsOf = (option: Record<string, unknown>): string[] => [
  ...Object.entries(option).flatMap(([name, value]) => [`--${name}`, String(value)]),
  "--json",
];
const OPTION = { type: "call", forward: 100, strike: 95, volatility: 0.6, years: 0.25 } as const;

/** Prices an option by the command; what it printed must be the model's, and the fixed point within its bound. */
async function checked(option: Option) {
  const { code, result } = await run(...argsOf(option));
  expect(code, JSON.stringify(option)).toBe(0);
  const { price, delta, gamma, vega, theta } = black76(option);
  // JSON has no −0
  expect(result).toMatchObject({ price, delta: delta + 0, gamma, vega, theta: theta + 0 });
  if (result.fixedPoint !== null) {
    const { price: fixed, errorBound } = result.fixedPoint;
    expect(Math.abs(fixed - price), JSON.stringify({ option, result })).toBeLessThanOrEqual(errorBound);
  }
  return result as { price: number; fixedPoint: { price: number; errorBound: number } | null };
}

/** Draws that are the same every time: Marsaglia's xorshift. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

describe("equipoise price", () => {
  it("default: one object with the figures and the fixed point", async () => {
    const { code, result } = await run(...argsOf(OPTION));
    expect(code).toBe(0);
    expect(Object.keys(result)).toEqual(["price", "delta", "gamma", "vega", "theta", "fixedPoint"]);
    expect(Object.keys(result.fixedPoint)).toEqual(["price", "errorBound"]);
    // a bound of millionths, not one that holds anything
    expect(result.fixedPoint.errorBound).toBeLessThan(2e-8 * 200);
    expect(result.fixedPoint.price).not.toBe(result.price);
  });
  it("behavior: a table without --json, and help that lists the options", async () => {
    const { out } = await run(...argsOf(OPTION).slice(0, -1));
    expect(out).toMatch(/^figure {2}/);
    expect(out).toMatch(/\nfixed point 14\.29364\d+, at most 0\.0000\d+ off$/);
    const help = (await run("--help")).out;
    for (const option of ["type", "forward", "strike", "volatility", "years", "discount", "json"])
      expect(help).toContain(`--${option}`);
  });
  it("behavior: the discount reaches every figure and the bound", async () => {
    const whole = await checked(OPTION);
    const half = await checked({ ...OPTION, discount: 0.5 });
    expect(half.price).toBe(whole.price / 2);
    expect(half.fixedPoint!.price).toBeCloseTo(whole.fixedPoint!.price / 2, 12);
    expect(half.fixedPoint!.errorBound).toBeCloseTo(whole.fixedPoint!.errorBound / 2, 15);
  });
  it("behavior: no random option is further from the fixed point than its bound", async () => {
    const uniform = seeded(2_463_534_242);
    let [nearest, tight] = [0, 0];
    for (let i = 0; i < 3000; i++) {
      const forward = 10 ** (10 * uniform() - 4);
      const near = uniform() < 0.5;
      const strike = forward * (near ? Math.exp(0.4 * (uniform() - 0.5)) : 1000 ** (2 * uniform() - 1));
      const years = i % 3 === 0 ? 60 / YEAR : (60 / YEAR) * 1e6 ** uniform();
      const volatility = i % 4 === 0 ? 4 * uniform() : 0.01 * 400 ** uniform();
      const type = uniform() < 0.5 ? "call" : "put";
      const { price, fixedPoint } = await checked({
        type,
        forward,
        strike,
        volatility,
        years,
        discount: 0.5 + 0.6 * uniform(),
      });
      nearest = Math.max(nearest, Math.abs(fixedPoint!.price - price) / fixedPoint!.errorBound);
      if (fixedPoint!.errorBound < 3e-8 * (forward + strike)) tight++;
    }
    // the bound is one that values come near, and small in most cases
    expect(nearest).toBeGreaterThan(0.3);
    expect(tight).toBeGreaterThan(1500);
  });
  it("behavior: nor at the corners", async () => {
    for (const type of ["call", "put"] as const)
      for (const ratio of [1 / 1023, 1 / 1000, 0.999999, 1, 1.000001, 1000, 1023.9])
        for (const volatility of [0, 1e-13, 1e-9, 1e-4, 0.01, 1, 4, 4.39, 20])
          for (const years of [0, 1e-9, 59 / YEAR, 60 / YEAR, 60.5 / YEAR, 1 / 365, 2.1, 30])
            for (const forward of [1e-9, 7e4]) {
              const { fixedPoint } = await checked({ type, forward, strike: forward * ratio, volatility, years });
              expect(fixedPoint).not.toBeNull();
            }
  });
  it("behavior: what the integers do not reach has its float figures and a reason", async () => {
    for (const change of [
      { strike: 1e6 },
      { forward: 1e-3 },
      { volatility: 1e7 },
      { years: 1e7 },
      { forward: 1e300 },
    ]) {
      const option = { ...OPTION, ...change };
      const { price, fixedPoint } = await checked(option);
      expect([price > 0 || option.strike === 1e6, fixedPoint]).toEqual([true, null]);
      expect((await run(...argsOf(option).slice(0, -1))).out).toMatch(/\nno fixed-point price: /);
    }
    for (const [change, reason] of [
      [{ volatility: 4.4 }, "volatility 4.4: it is from"],
      [{ volatility: 0 }, "volatility 0: it is from"],
      [{ years: 50 / YEAR }, "50 seconds to expiry: there are from 60"],
      [{ years: 3 }, "94608000 seconds to expiry"],
    ] as const)
      expect((await run(...argsOf({ ...OPTION, ...change }).slice(0, -1))).out).toContain(
        `\nno series can be listed with ${reason}`,
      );
  });
  it("behavior: prices at the ends of a double", async () => {
    for (const unit of [1e-289, 1e305]) {
      const { fixedPoint } = await checked({ ...OPTION, forward: 100 * unit, strike: 95 * unit });
      expect(fixedPoint!.price).toBeGreaterThan(0);
    }
    const { result } = await run(...argsOf({ ...OPTION, forward: 1e-300, strike: 1e-300 }));
    expect(result.fixedPoint).toBeNull();
  });
  it("error: UsageWrong exits 2", async () => {
    for (const argv of [
      [],
      argsOf({ ...OPTION, years: 1 }).slice(2),
      [...argsOf(OPTION), "stray"],
      [...argsOf(OPTION), "--rate", "1"],
    ]) {
      const { code, error } = await run(...argv);
      expect(code, argv.join(" ")).toBe(2);
      expect(error).toMatch(/^error: UsageWrong: /);
    }
    expect((await run("--type", "call", "--json")).result.error.message).toContain("--forward, --strike, --volatility");
  });
  it("error: each impossible input has its name, value, limit and remedy", async () => {
    const wrong: [Record<string, string>, string][] = [
      [{ type: "straddle" }, "OptionTypeUnknown"],
      [{ forward: "0" }, "OptionPriceNotPositive"],
      [{ forward: "-3" }, "OptionPriceNotPositive"],
      [{ strike: "0" }, "OptionPriceNotPositive"],
      [{ volatility: "-0.5" }, "VolatilityNegative"],
      [{ volatility: "-.5" }, "VolatilityNegative"],
      [{ years: "-1e-9" }, "YearsNegative"],
      [{ discount: "0" }, "DiscountNotPositive"],
      [{ discount: "-1" }, "DiscountNotPositive"],
      [{ volatility: "NaN" }, "NumberUnreadable"],
      [{ volatility: "Infinity" }, "NumberUnreadable"],
      [{ forward: "1e999" }, "NumberUnreadable"],
      [{ forward: "" }, "NumberUnreadable"],
      [{ forward: "0x10" }, "NumberUnreadable"],
      [{ strike: "1,000" }, "NumberUnreadable"],
    ];
    for (const [change, name] of wrong) {
      const { code, result, error } = await run(...argsOf({ ...OPTION, ...change }));
      expect(result.error.name, JSON.stringify(change)).toBe(name);
      expect(error).toMatch(new RegExp(`^error: ${name}: .* must be .*: .+`));
      expect(code).toBe(1);
    }
  });
});

type Row = Option & { rate?: number; spot?: number; dividend_yield?: number };
const optionRows: Row[] = existsSync(reference("options.json"))
  ? JSON.parse(readFileSync(reference("options.json"), "utf8")).cases.flatMap(
      ({ inputs }: { inputs: Row & { rows?: Row[] } }) => inputs.rows ?? [inputs],
    )
  : [];

describe.skipIf(optionRows.length === 0)(
  "equipoise price on published options (skipped where ../shared/reference is absent)",
  () => {
    it("behavior: every fixed point is within its bound", async () => {
      for (const row of optionRows) {
        const { strike, volatility, years, rate = 0, spot = 0, dividend_yield = 0 } = row;
        const forward = row.forward ?? spot * Math.exp((rate - dividend_yield) * years);
        for (const type of ["call", "put"] as const) {
          const { fixedPoint } = await checked({
            type,
            forward,
            strike,
            volatility,
            years,
            discount: Math.exp(-rate * years),
          });
          expect(fixedPoint!.errorBound).toBeLessThan(1e-7 * (forward + strike));
        }
      }
    });
    it("behavior: a published price", async () => {
      const { cases } = JSON.parse(readFileSync(reference("options.json"), "utf8"));
      const { inputs, expected, tolerance } = cases.find(({ id }: { id: string }) => id === "hull-16.7-black-76-call");
      const { rate, ...option } = inputs;
      const { price } = await checked({ ...option, discount: Math.exp(-rate * inputs.years) });
      expect(Math.abs(price - expected.price)).toBeLessThanOrEqual(tolerance.price);
    });
    it("behavior: an exchange's marks", async () => {
      const [{ inputs, expected, tolerance }] = JSON.parse(
        readFileSync(reference("deribit-marks-2020-05-21.json"), "utf8"),
      ).cases;
      for (const [i, row] of inputs.rows.entries()) {
        const { type, strike, forward_usd: forward, mark_iv: volatility } = row;
        const years = (row.expiry_ms - row.timestamp_ms) / (YEAR * 1000);
        const { fixedPoint } = await checked({ type, strike, forward, volatility, years });
        const mark: number = expected.rows[i].mark_price_btc;
        expect(Math.abs(fixedPoint!.price / forward - mark)).toBeLessThanOrEqual(tolerance.mark_price_btc);
      }
    });
  },
);
