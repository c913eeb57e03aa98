import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PPM } from "../../protocol.ts";
import { black76 } from "../options.ts";
import { seededDraws } from "../seededDraws.ts";
import { damping, STATES, spotLevel, UNSHOCKED_STATE } from "../states.ts";
import { NORMAL_ONE } from "../tables/index.ts";
import { LONG_BITS, LONG_ONE } from "../tables/longNumbers.ts";
import { callValue, halfVolatility, moneyness, spotLevelOf } from "./callValue.ts";
import { valueErrorBoundOf } from "./errorBound.ts";
import { exactCall, toPpt } from "./exactPrices.ts";
import { fixedPointPrice, fixedPointPriceOf, OptionInputInvalid } from "./fixedPointPrice.ts";
import { pricingTime, rootOf } from "./pricingTime.ts";
import { seriesValues } from "./seriesValues.ts";
import { stateVolatilities } from "./stateVolatilities.ts";
import type { ScenarioTerms, SeriesTerms } from "./terms.ts";

const vectors = JSON.parse(readFileSync(new URL("../../../../test/vectors/pricing.json", import.meta.url), "utf8"));
const COLUMNS = ["spot", "strike", "basis", "volatility", "seconds", "level", "value"] as const;
type Row = Record<(typeof COLUMNS)[number], bigint>;
const rows: Row[] = vectors.value.map((_: string, i: number) =>
  Object.fromEntries(COLUMNS.map((name) => [name, BigInt(vectors[name][i])])),
);

/** {ppt of spot} what a fixed-point value is off, and what its bound is, for a forward f x */
function offOf(row: Row): { off: number; bound: number } {
  const option = moneyness(row.spot, row.strike, row.basis);
  const value = (row.value << BigInt(LONG_BITS)) / (NORMAL_ONE * 10n ** 12n);
  const off = Math.abs(toPpt(value - exactCall(row).value));
  const forward = (option.forward * row.level + PPM - 1n) / PPM;
  return { off, bound: Number(valueErrorBoundOf(forward, option.strike)) };
}

describe("vectors/pricing.json", () => {
  it("default: ten thousand values, each what the model says", () => {
    expect(rows.length).toBeGreaterThanOrEqual(10_000);
    for (const { spot, strike, basis, volatility, seconds, level, value } of rows) {
      const option = moneyness(spot, strike, basis);
      expect(callValue(option, spotLevelOf(level), halfVolatility(volatility, rootOf(seconds)))).toBe(value);
    }
  });
});

describe("B-9: errors against 70 digits", () => {
  it("default: no value is further from Black-76 than its bound", () => {
    let nearest = 0;
    for (const row of rows) {
      const { off, bound } = offOf(row);
      expect(
        off,
        JSON.stringify(row, (_, entry) => String(entry)),
      ).toBeLessThanOrEqual(bound);
      nearest = Math.max(nearest, off / bound);
    }
    // a bound that nothing comes near is not the bound of this
    expect(nearest).toBeGreaterThan(0.4);
  });

  it("behavior: nor where h's rounding and Φ's error are at their worst", () => {
    // at the money, d₁ walks through the first segments of Φ, and times are those whose h rounds by almost a half
    const { integer } = seededDraws(21);
    let nearest = 0;
    for (let i = 0; i < 1500; i++) {
      const volatility = BigInt(integer(50_000_000, 3_000_000_000)) * 1000n;
      let seconds = BigInt(integer(86_400, 30_000_000));
      let worst = 0;
      for (let k = 0n; k < 40n; k++) {
        const tail = Number(((volatility * rootOf(seconds + k)) >> 24n) & ((1n << 30n) - 1n)) / 2 ** 30;
        const rounding = Math.abs(tail - 0.5) < 0.5 ? 0.5 - Math.abs(tail - 0.5) : 0;
        if (rounding > worst) [worst, seconds] = [rounding, seconds + k];
      }
      const inputs = { spot: 10n ** 16n, strike: 10n ** 16n, basis: 0n, volatility, seconds, level: PPM };
      const option = moneyness(inputs.spot, inputs.strike, 0n);
      const value = callValue(option, spotLevelOf(PPM), halfVolatility(volatility, rootOf(seconds)));
      const { off, bound } = offOf({ ...inputs, value });
      expect(off).toBeLessThanOrEqual(bound);
      nearest = Math.max(nearest, off / bound);
    }
    expect(nearest).toBeGreaterThan(0.5);
  });

  it("behavior: every entry and mark of a series is within errorBound", () => {
    const { integer, normal, uniform } = seededDraws(22);
    let nearest = 0;
    for (let i = 0; i < 120; i++) {
      const spot = BigInt(integer(1, 2 ** 31)) * 10n ** 8n;
      const series: SeriesTerms = {
        kind: i % 2 === 0 ? "call" : "put",
        expirySlot: 1,
        basis: BigInt(integer(-250_000, 250_000)),
        volatility: BigInt(Math.floor(1e10 * 300 ** uniform())),
        seconds: BigInt(Math.floor(60 * 1e6 ** uniform())),
        strike: (spot * BigInt(Math.round(1e9 * Math.exp(0.5 * normal())))) / 10n ** 9n,
      };
      const terms: ScenarioTerms = {
        version: 1n,
        step: BigInt(integer(1, 200_000)),
        upShock: BigInt(integer(0, 1_000_000)),
        downShock: BigInt(integer(0, 1_000_000)),
        minimumUpVolatility: BigInt(integer(0, 1_000_000)),
      };
      const values = seriesValues(spot, series, terms);
      const { logarithm } = moneyness(spot, series.strike, series.basis);
      const volatilities = stateVolatilities(series.volatility, logarithm, pricingTime(series.seconds), terms);
      const exact = STATES.map((state) =>
        exactCall({
          spot,
          strike: series.strike,
          basis: series.basis,
          volatility: volatilities[state.volatility],
          seconds: series.seconds,
          level: spotLevel(state, terms.step),
        }),
      );
      const { value: unshocked, forward } = exact[UNSHOCKED_STATE]!;
      const bound = Number(values.errorBound);
      expect(Math.abs(toPpt(unshocked) - Number(values.mark))).toBeLessThanOrEqual(bound);
      exact.forEach((state, s) => {
        const { numerator, denominator } = damping(STATES[s]!, terms.step);
        const parity = series.kind === "put" ? state.forward - forward : 0n;
        const profit = ((state.value - unshocked - parity) * numerator) / denominator;
        const off = Math.abs(toPpt(profit) - Number(values.riskArray[s]));
        expect(off, `series ${i}, state ${s}`).toBeLessThanOrEqual(bound);
        nearest = Math.max(nearest, off / bound);
      });
    }
    expect(nearest).toBeGreaterThan(0.25);
  });

  it("behavior: what B-9 allows logarithms and arguments is never needed in full", () => {
    // F φ(d₁) h Δ² of errorBound.ts, F = 1 and κ = e^(−L), over all h and L that the bounds allow
    let greatest = 0;
    for (let h = 1.144e-5; h < 6; h *= 1.03) {
      for (let L = -8.8; L <= 8.8; L += 0.01) {
        const d1 = L / (2 * h) + h;
        const delta = 4e-8 / (2 * h) + 2.87e-6 * Math.abs(L) + 1.12e-8;
        const cost = 0.39895 * Math.exp((-d1 * d1) / 2) * h * delta * delta;
        greatest = Math.max(greatest, cost / (1 + Math.exp(-L)));
      }
    }
    expect(greatest).toBeLessThan(3e-11);
    expect(greatest).toBeGreaterThan(3e-12);
  });
});

describe("fixedPointPrice", () => {
  it("default: calls and puts within their bound of Black-76", () => {
    const { integer, normal, uniform } = seededDraws(23);
    for (let i = 0; i < 1000; i++) {
      const spot = BigInt(integer(1, 2 ** 31)) * 10n ** 8n;
      const strike = (spot * BigInt(Math.round(1e9 * Math.exp(0.5 * normal())))) / 10n ** 9n;
      const volatility = i % 50 === 0 ? 0n : BigInt(Math.floor(1e6 * 1e7 ** uniform()));
      const seconds = BigInt(Math.floor(1e9 ** uniform()));
      const type = i % 2 === 0 ? "call" : "put";
      const { price, errorBound } = fixedPointPrice({ type, forward: spot, strike, volatility, seconds });
      const exact = exactCall({ spot, strike, basis: 0n, volatility, seconds, level: PPM }, false);
      const value = type === "call" ? exact.value : exact.value + exact.strike - LONG_ONE;
      expect(Math.abs(toPpt(value) - Number(price)), `${i}`).toBeLessThanOrEqual(Number(errorBound));
    }
  });
  it("behavior: absurd volatilities over seconds are within theirs too", () => {
    for (let i = 0n; i < 300n; i++) {
      const option = {
        strike: 10n ** 16n,
        volatility: (3_000n + 50n * i) * 10n ** 12n + 7n * i,
        seconds: 1n + (i % 5n),
      };
      const { price, errorBound } = fixedPointPrice({ type: "call", forward: 10n ** 16n, ...option });
      const exact = exactCall({ spot: 10n ** 16n, ...option, basis: 0n, level: PPM }, false);
      expect(Math.abs(toPpt(exact.value) - Number(price))).toBeLessThanOrEqual(Number(errorBound));
    }
  });
  it("behavior: the bound is about 1.7 · 10⁻⁸ of the forward at the money", () => {
    const { errorBound } = fixedPointPrice({
      type: "call",
      forward: 1000n,
      strike: 1000n,
      volatility: 500_000_000_000n,
      seconds: 2_592_000n,
    });
    expect(errorBound).toBeGreaterThan(14_000n);
    expect(errorBound).toBeLessThan(18_000n);
  });
});

describe("fixedPointPriceOf", () => {
  it("default: a textbook's Black-76 call, and scale does not matter", () => {
    // discounted with e^(−0.05 / 2) this is 44.19
    const option = { type: "call", forward: 620, strike: 600, volatility: 0.2, years: 0.5 } as const;
    const { price, errorBound } = fixedPointPriceOf(option);
    expect(Math.abs(price - 45.3054423867)).toBeLessThan(errorBound);
    expect(errorBound).toBeLessThan(620 * 1.8e-8);
    const tiny = fixedPointPriceOf({ ...option, forward: 620 * 2 ** -900, strike: 600 * 2 ** -900 });
    expect(tiny.price).toBe(price * 2 ** -900);
  });
  it("behavior: times between seconds and volatilities of more than 12 places are in the bound", () => {
    const { uniform } = seededDraws(24);
    for (let i = 0; i < 300; i++) {
      const years = 10 ** (-7 * uniform());
      const volatility = 2 * uniform();
      const { price, errorBound } = fixedPointPriceOf({ type: "put", forward: 100, strike: 101, volatility, years });
      // the same total variance: a time 2²⁰ times as long, with a volatility of exactly 2⁻¹⁰
      const exact = exactCall(
        {
          spot: 100n,
          strike: 101n,
          basis: 0n,
          volatility: 10n ** 12n / 1024n,
          seconds: BigInt(Math.round(volatility ** 2 * years * 31_536_000 * 2 ** 20)),
          level: PPM,
        },
        false,
      );
      const value = toPpt(exact.value + exact.strike - LONG_ONE) * 1e-10;
      expect(Math.abs(price - value), `${volatility} ${years}`).toBeLessThan(errorBound + 1e-9);
    }
  });
  it("behavior: ten thousand options agree with the floating-point Black-76", () => {
    const { uniform, normal } = seededDraws(25);
    let widest = 0;
    for (let i = 0; i < 10_000; i++) {
      const forward = 10 ** (12 * uniform() - 6);
      const option = {
        type: i % 2 === 0 ? "call" : "put",
        forward,
        strike: forward * Math.exp(Math.max(-6.9, Math.min(6.9, normal()))),
        volatility: i % 100 === 0 ? 0 : 3 * uniform() ** 3,
        years: i % 99 === 0 ? 0 : 4 * uniform() ** 4,
      } as const;
      const { price, errorBound } = fixedPointPriceOf(option);
      const off = Math.abs(price - black76(option).price);
      expect(off, JSON.stringify(option)).toBeLessThanOrEqual(errorBound);
      widest = Math.max(widest, off / errorBound);
    }
    expect(widest).toBeGreaterThan(0.4);
  });
  it("error: OptionInputInvalid", () => {
    const option = { type: "call", forward: 620, strike: 600, volatility: 0.2, years: 0.5 } as const;
    for (const change of [{ forward: 0 }, { strike: Number.NaN }, { volatility: -1 }, { years: 1e9 }]) {
      expect(() => fixedPointPriceOf({ ...option, ...change })).toThrow(OptionInputInvalid);
    }
  });
});
