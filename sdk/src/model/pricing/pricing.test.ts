import { describe, expect, it } from "vitest";
import { PPM, PPT, PRICING_BOUNDS, STATE_COUNT, YEAR } from "../../protocol.ts";
import { seededDraws } from "../seededDraws.ts";
import { damping, STATES, spotLevel, UNSHOCKED_STATE } from "../states.ts";
import { RatioOutOfRange } from "../tables/index.ts";
import { LONG_BITS } from "../tables/longNumbers.ts";
import { halfVolatility, LEAST_HALF_VOLATILITY, moneyness } from "./callValue.ts";
import { exactCall, toPpt } from "./exactPrices.ts";
import { pricingTime } from "./pricingTime.ts";
import { seriesValues } from "./seriesValues.ts";
import { stateVolatilities } from "./stateVolatilities.ts";
import { PricingInputOutOfBounds, type ScenarioTerms, type SeriesTerms } from "./terms.ts";

const DAY = 86_400n;
const SPOT = 60_000n * PPT;
const TERMS: ScenarioTerms = {
  version: 1n,
  step: 66_667n,
  upShock: 450_000n,
  downShock: 300_000n,
  minimumUpVolatility: 300_000n,
};
const CALL: SeriesTerms = {
  kind: "call",
  expirySlot: 1,
  basis: 4_000n,
  volatility: 600_000_000_000n,
  seconds: 20n * DAY,
  strike: 62_000n * PPT,
};

describe("states", () => {
  it("default: A-2, in order", () => {
    expect(STATES).toHaveLength(STATE_COUNT);
    expect(UNSHOCKED_STATE).toBe(10);
    const levels = STATES.map((state) => spotLevel(state, 50_000n));
    expect(levels.slice(0, 4)).toEqual([850_000n, 850_000n, 850_000n, 900_000n]);
    expect(levels.slice(20)).toEqual(
      [1_150, 340, 670, 1_500, 2_000, 3_000, 4_000, 5_000, 6_000, 1_000, 1_000].map((level) => BigInt(level) * 1000n),
    );
    expect(STATES.slice(19).map(({ volatility }) => volatility)).toEqual([
      "static",
      ...new Array(9).fill("up"),
      "linear",
      "absolute",
    ]);
  });
  it("behavior: a tail counts for a fifth of the range over its move", () => {
    const { numerator, denominator } = damping(STATES[28]!, 66_667n);
    expect(Number(numerator) / Number(denominator)).toBeCloseTo((0.2 * 0.200001) / 5, 12);
    expect(damping(STATES[29]!, 66_667n)).toEqual({ numerator: 1n, denominator: 1n });
  });
});

describe("stateVolatilities", () => {
  const at = (volatility: bigint, days: number, logarithm: number, terms: ScenarioTerms = TERMS) =>
    stateVolatilities(volatility, BigInt(Math.round(logarithm * 2 ** 26)), pricingTime(BigInt(days * 86_400)), terms);

  it("default: B-3 and B-4 as the model in words says them", () => {
    const { uniform } = seededDraws(31);
    for (let i = 0; i < 500; i++) {
      const days = Math.ceil(0.2 + 700 * uniform() ** 3);
      const sigma = 0.05 + 2 * uniform();
      const logarithm = 2 * uniform() - 1;
      const found = at(BigInt(Math.round(sigma * 1e12)), days, logarithm);
      const growth = (30 / Math.max(days, 1)) ** (days <= 30 ? 0.3 : 0.13);
      const root = Math.sqrt(days / 365);
      const cap = 0.15 - 0.05 * root;
      const width = Math.max(0.01, root * (2.4 - 0.4 * root));
      const change = Math.min((Math.abs(logarithm) * cap) / width, cap);
      const expected = {
        down: Math.max(0, sigma * (1 - 0.3 * growth)),
        static: sigma,
        up: Math.max(sigma * (1 + 0.45 * growth), 0.3),
        linear: sigma * (1 + (logarithm > 0 ? -change : change)),
        absolute: sigma * (1 + change),
      };
      for (const [name, value] of Object.entries(expected)) {
        expect(Number(found[name as keyof typeof found]) / 1e12 / sigma, `${name} ${days}`).toBeCloseTo(
          value / sigma,
          5,
        );
      }
    }
  });
  it("behavior: never below nothing, never below the minimum", () => {
    expect(at(PPT, 1, 0, { ...TERMS, downShock: 1_000_000n }).down).toBe(0n);
    expect(at(1_000_000n, 30, 0).up).toBe(300_000_000_000n);
  });
  it("behavior: shocks are as stated at 30 days", () => {
    expect(at(PPT, 30, 0).up).toBe(1_450_000_000_000n);
    expect(at(PPT, 30, 0).down).toBe(700_000_000_000n);
  });
});

describe("halfVolatility", () => {
  it("default: below 2²⁹ everywhere within the bounds, never below its least", () => {
    const longest = pricingTime(PRICING_BOUNDS.seconds[1]);
    const most = { ...TERMS, upShock: PRICING_BOUNDS.upShock[1] };
    const { up, absolute } = stateVolatilities(PRICING_BOUNDS.volatility[1], 1n << 29n, longest, most);
    for (const volatility of [up, absolute]) {
      expect(halfVolatility(volatility, longest.root).half).toBeLessThan(1n << 29n);
    }
    for (let seconds = PRICING_BOUNDS.seconds[0]; seconds <= PRICING_BOUNDS.seconds[1]; seconds += 20_011n) {
      const time = pricingTime(seconds);
      const volatilities = stateVolatilities(PRICING_BOUNDS.volatility[1], 1n << 29n, time, most);
      expect(halfVolatility(volatilities.up, time.root).half).toBeLessThan(1n << 29n);
    }
    expect(halfVolatility(0n, longest.root).half).toBe(LEAST_HALF_VOLATILITY);
  });
});

describe("seriesValues", () => {
  it("default: the unshocked state changes nothing", () => {
    for (const kind of ["call", "put", "perpetual"] as const) {
      const values = seriesValues(SPOT, { ...CALL, kind }, TERMS);
      expect(values.riskArray[UNSHOCKED_STATE]).toBe(0n);
    }
  });
  it("behavior: a put is its call less the forward, state by state", () => {
    const call = seriesValues(SPOT, CALL, TERMS);
    const put = seriesValues(SPOT, { ...CALL, kind: "put" }, TERMS);
    expect(put.mark).toBe(call.mark);
    expect(put.delta).toBe(call.delta - PPT);
    expect([put.gamma, put.vega, put.errorBound]).toEqual([call.gamma, call.vega, call.errorBound]);
    STATES.forEach((state, s) => {
      const { numerator, denominator } = damping(state, TERMS.step);
      const forward = (1_004_000n * (spotLevel(state, TERMS.step) - PPM) * numerator) / denominator;
      const off = (call.riskArray[s] as bigint) - forward - (put.riskArray[s] as bigint);
      expect(off >= -1n && off <= 1n, `state ${s}`).toBe(true);
    });
  });
  it("behavior: a perpetual moves with the spot", () => {
    const { riskArray, mark, delta, gamma, vega, errorBound } = seriesValues(
      SPOT,
      { ...CALL, kind: "perpetual" },
      TERMS,
    );
    expect(mark).toBe(1_004_000_000_000n);
    expect([delta, gamma, vega, errorBound]).toEqual([PPT, 0n, 0n, 1n]);
    expect(riskArray[20]).toBe(1_004_000n * 200_001n);
    // −66 % counts for 0.2 · 0.200001 / 0.66, rounded down
    expect(riskArray[21]).toBe(-40_160_200_800n);
    expect(riskArray[30]).toBe(0n);
  });
  it("behavior: Greeks are derivatives", () => {
    const { uniform, normal } = seededDraws(32);
    for (let i = 0; i < 200; i++) {
      const series = {
        ...CALL,
        strike: BigInt(Math.round(6e16 * Math.exp(0.3 * normal()))),
        volatility: BigInt(Math.round(1e12 * (0.2 + uniform()))),
        seconds: BigInt(Math.round(86_400 * (1 + 300 * uniform()))),
      };
      const { delta, gamma, vega } = seriesValues(SPOT, series, TERMS);
      const exact = exactCall({ ...series, spot: SPOT, level: PPM });
      expect(Math.abs(Number(delta) - toPpt(exact.upper))).toBeLessThan(3e6);
      const density = toPpt(exact.density);
      const total = Number((exact.total * PPT) >> BigInt(LONG_BITS)) / 1e12;
      expect(Math.abs(Number(gamma) - density / (100 * total))).toBeLessThan((2e6 + density * 4e-5) / total / 100);
      const rootYears = Math.sqrt(Number(series.seconds) / Number(YEAR));
      expect(Math.abs(Number(vega) - (1.004 * density * rootYears) / 100)).toBeLessThan(1e6);
    }
  });
  it("behavior: values fit their pairs at every corner of the bounds", () => {
    const corners = (name: keyof typeof PRICING_BOUNDS) => PRICING_BOUNDS[name];
    for (const basis of corners("basis")) {
      for (const volatility of corners("volatility")) {
        for (const seconds of corners("seconds")) {
          for (const kind of ["call", "put", "perpetual"] as const) {
            for (const strike of [SPOT / 700n, SPOT, SPOT * 700n]) {
              const series = { ...CALL, kind, basis, volatility, seconds, strike };
              const terms = { ...TERMS, step: 200_000n, upShock: 1_000_000n, downShock: 2_097_151n };
              const { riskArray, ...figures } = seriesValues(SPOT, series, terms);
              for (const value of [...riskArray, ...Object.values(figures)]) {
                expect(value >= -(1n << 41n) && value < 1n << 41n).toBe(true);
              }
            }
          }
        }
      }
    }
  });
  it("behavior: a gamma beyond its pair is the greatest there is", () => {
    const values = seriesValues(SPOT, { ...CALL, basis: 0n, strike: SPOT, volatility: 1n, seconds: 60n }, TERMS);
    expect(values.gamma).toBe((1n << 41n) - 1n);
  });
  it("error: PricingInputOutOfBounds, RatioOutOfRange", () => {
    for (const change of [
      { seconds: 59n },
      { seconds: 1n << 26n },
      { volatility: 0n },
      { volatility: 1n << 42n },
      { basis: 250_001n },
      { strike: 0n },
    ]) {
      expect(() => seriesValues(SPOT, { ...CALL, ...change }, TERMS)).toThrow(PricingInputOutOfBounds);
    }
    expect(() => seriesValues(0n, CALL, TERMS)).toThrow(PricingInputOutOfBounds);
    expect(() => seriesValues(SPOT, CALL, { ...TERMS, step: 0n })).toThrow(PricingInputOutOfBounds);
    expect(() => seriesValues(SPOT, { ...CALL, strike: SPOT * 1030n }, TERMS)).toThrow(RatioOutOfRange);
    expect(() => moneyness(SPOT, 1n, 0n)).toThrow(RatioOutOfRange);
  });
});
