import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ArgumentNotNumber, normalCdf, normalDensity, normalQuantile, ProbabilityOutOfRange } from "./normal.ts";
import { seededDraws } from "./seededDraws.ts";
import { LONG_ONE, longDensity, longNormal, longOf } from "./tables/longNumbers.ts";

const REFERENCE = new URL("../../../../shared/reference/normal.json", import.meta.url);

type Case = {
  id: string;
  inputs: { x?: string[]; p?: string[] };
  expected: { cdf?: string[]; x?: number[] };
  tolerance: { relative?: number; abs?: number };
};
const cases: Case[] = existsSync(REFERENCE) ? JSON.parse(readFileSync(REFERENCE, "utf8")).cases : [];

/** {long} of a decimal such as -1.5e-3, exact; a double has digits that the decimal has not */
function longOfDecimal(decimal: string): bigint {
  const [, minus, whole, places = "", exponent = "0"] = /^(-?)(\d+)\.?(\d*)(?:e([+-]?\d+))?$/.exec(decimal)!;
  const power = Number(exponent) - places.length;
  const digits = BigInt(`${minus}${whole}${places}`);
  return longOf(digits * 10n ** BigInt(Math.max(0, power)), 10n ** BigInt(Math.max(0, -power)));
}

/** |value / expected − 1| without a double's rounding, which is as large as what is looked for */
function relativeError(value: number, expected: bigint): number {
  const difference = longOfDouble(value) - expected;
  return Number((difference * 10n ** 25n) / expected) / 1e25;
}

/** {long} of a double, exact while it has no bits below 2⁻²⁵⁶ */
function longOfDouble(value: number): bigint {
  let [scaled, shift] = [value, 0n];
  while (!Number.isInteger(scaled)) [scaled, shift] = [scaled * 2, shift + 1n];
  return longOf(BigInt(scaled), 1n << shift);
}

describe.skipIf(cases.length === 0)(
  "the normal distribution on published figures (skipped where ../shared/reference is absent)",
  () => {
    it.each(cases.map((reference) => [reference.id, reference] as const))("behavior: %s", (_, reference) => {
      const { inputs, expected, tolerance } = reference;
      expect(inputs.x ?? inputs.p).not.toHaveLength(0);
      inputs.x?.forEach((x, i) => {
        // beyond the reach of long numbers the decimal's own double is near enough: it is off by 1.1 · 10⁻¹⁶
        const printed = expected.cdf![i]!;
        const error =
          Number(printed) > 1e-50
            ? relativeError(normalCdf(Number(x)), longOfDecimal(printed))
            : normalCdf(Number(x)) / Number(printed) - 1;
        expect(Math.abs(error), x).toBeLessThanOrEqual(tolerance.relative!);
      });
      inputs.p?.forEach((p, i) => {
        expect(Math.abs(normalQuantile(Number(p)) - expected.x![i]!), p).toBeLessThanOrEqual(tolerance.abs!);
      });
    });
  },
);

describe("normalCdf, normalDensity", () => {
  it("default: within 10⁻¹⁵ of long numbers, in both tails and across the change of method", () => {
    const draws = seededDraws(7);
    const points = [-0.8, 0.8, -0.800001, 0.800001, -1e-9, 0.75, -10, 8];
    for (let i = 0; i < 1500; i++) points.push((draws.uniform() - 0.5) * 23);
    for (const x of points) {
      const long = longOfDouble(x);
      expect(Math.abs(relativeError(normalCdf(x), longNormal(long))), String(x)).toBeLessThan(1e-15);
      expect(Math.abs(relativeError(normalDensity(x), longDensity(long))), String(x)).toBeLessThan(1e-15);
    }
    expect(longNormal(0n)).toBe(LONG_ONE / 2n);
  });
  // mpmath 1.3.0 with 60 digits: erfc(-x / sqrt(2)) / 2 at these doubles
  it.each([
    [-12.3, 4.528706956158784e-35],
    [-20.3, 6.4292444676983463e-92],
    [-33.33, 7.099455577395206e-244],
    [-37.1, 1.4047119663106221e-301],
  ])("behavior: the far tail at %s", (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-15);
  });
  it("behavior: symmetric, never falling, and 0 and 1 at the ends", () => {
    let last = 0;
    for (let i = -4000; i <= 4000; i++) {
      const value = normalCdf(i / 100);
      expect(value).toBeGreaterThanOrEqual(last);
      expect(Math.abs(value + normalCdf(-i / 100) - 1)).toBeLessThanOrEqual(2 ** -53);
      last = value;
    }
    expect([normalCdf(-Infinity), normalCdf(0), normalCdf(Infinity)]).toEqual([0, 0.5, 1]);
    expect([normalDensity(-Infinity), normalDensity(1e300)]).toEqual([0, 0]);
  });
  it("error: ArgumentNotNumber", () => {
    expect(() => normalCdf(Number.NaN)).toThrow(ArgumentNotNumber);
    expect(() => normalDensity(Number.NaN)).toThrow(ArgumentNotNumber);
  });
});

describe("normalQuantile", () => {
  it("default: the inverse of the distribution, also where the methods meet and in the tails", () => {
    const draws = seededDraws(11);
    const probabilities = [0.5, 0.22, 0.78, 0.219999, 0.220001, 0.2119, 1e-300, 1 - 2 ** -53, 0.5 + 1e-12];
    for (let i = 0; i < 500; i++) probabilities.push(draws.uniform(), 10 ** (-300 * draws.uniform()));
    for (const p of probabilities) {
      const x = normalQuantile(p);
      // what x can resolve, and what p can
      const resolution = 2e-15 + 4e-16 * (x * x + 1);
      const [got, wanted] = p > 0.5 ? [normalCdf(-x), 1 - p] : [normalCdf(x), p];
      expect(Math.abs(got / wanted - 1), String(p)).toBeLessThan(resolution);
    }
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.25)).toBe(-normalQuantile(0.75));
  });
  it("behavior: near the middle x keeps its relative precision", () => {
    const offset = 2 ** -40;
    expect(normalQuantile(0.5 + offset) * 0.3989422804014327).toBeCloseTo(offset, 26);
  });
  it("behavior: the smallest double, and both ends", () => {
    expect(normalQuantile(5e-324)).toBeCloseTo(-38.46740561714434, 10);
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  });
  it("error: ProbabilityOutOfRange", () => {
    for (const p of [-1e-9, 1.0000001, Number.NaN]) expect(() => normalQuantile(p)).toThrow(ProbabilityOutOfRange);
  });
});
