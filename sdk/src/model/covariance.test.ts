import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DECAYS, decaySum, decayWeights, MAX_RETURN, PPM, triangleLength } from "../protocol.ts";
import {
  correlations,
  covarianceTriangle,
  covarianceTriangles,
  packCorrelations,
  TriangleLengthInvalid,
  triangleAssets,
  triangleEntry,
  trianglePlace,
  unpackCorrelations,
  volatilities,
  WindowEmpty,
} from "./covariance.ts";
import { AssetCountMismatch } from "./returns.ts";
import { seededDraws } from "./seededDraws.ts";

const REFERENCE = new URL("../../../../shared/reference/covariance.json", import.meta.url);
const REFERENCE_DATA = new URL("../../../../shared/", import.meta.url);

function randomReturns(seed: number, ticks: number, assets: number): bigint[][] {
  const draws = seededDraws(seed);
  return Array.from({ length: ticks }, () => {
    const market = draws.normal() * 8_000;
    return Array.from({ length: assets }, (_, i) =>
      BigInt(Math.round(market * (i % 3 === 2 ? -1 : 1) + draws.normal() * 5_000 * (i + 1))),
    );
  });
}

describe("covarianceTriangles", () => {
  it("default: every decay, exact, against the definition", () => {
    const returns = randomReturns(1, 8, 3);
    covarianceTriangles(returns).forEach((triangle, decayIndex) => {
      const a = decayWeights(decayIndex, 8);
      let place = 0;
      for (let i = 0; i < 3; i++) {
        for (let j = i; j < 3; j++, place++) {
          expect(triangle[place]).toBe(returns.reduce((sum, row, t) => sum + a[t]! * row[i]! * row[j]!, 0n));
          expect(triangleEntry(triangle, 3, j, i)).toBe(triangle[place]);
        }
      }
      expect(place).toBe(triangle.length);
    });
  });
  it("behavior: the largest possible entry stays below 2^63", () => {
    const still = Array.from({ length: 240 }, () => [MAX_RETURN, -MAX_RETURN]);
    for (const triangle of covarianceTriangles(still)) {
      expect(triangle[0]!).toBeLessThan(2n ** 63n);
      expect(triangle[1]!).toBe(-triangle[0]!);
    }
  });
  it("behavior: swapping assets swaps rows and columns and nothing else", () => {
    const returns = randomReturns(2, 20, 4);
    const order = [2, 0, 3, 1];
    const swapped = returns.map((row) => order.map((i) => row[i]!));
    DECAYS.forEach((_, d) => {
      const [before, after] = [covarianceTriangle(returns, d), covarianceTriangle(swapped, d)];
      for (let i = 0; i < 4; i++)
        for (let j = i; j < 4; j++)
          expect(triangleEntry(after, 4, i, j)).toBe(triangleEntry(before, 4, order[i]!, order[j]!));
    });
  });
  it("error: WindowEmpty", () => expect(() => covarianceTriangles([])).toThrow(WindowEmpty));
  it("error: AssetCountMismatch", () =>
    expect(() => covarianceTriangles([[1n], [1n, 2n]])).toThrow(AssetCountMismatch));
  it("error: RangeError for a decay outside the menu", () =>
    expect(() => covarianceTriangle([[1n]], 4)).toThrow(RangeError));
});

describe("trianglePlace", () => {
  it("default: counts the upper triangle row by row", () => {
    for (const assets of [1, 3, 12]) {
      let place = 0;
      for (let i = 0; i < assets; i++)
        for (let j = i; j < assets; j++) expect(trianglePlace(assets, i, j)).toBe(place++);
      expect(triangleAssets(new Array(triangleLength(assets)))).toBe(assets);
    }
  });
  it("error: TriangleLengthInvalid", () => {
    expect(() => triangleAssets([1n, 2n])).toThrow(TriangleLengthInvalid);
    expect(() => triangleAssets([])).toThrow(TriangleLengthInvalid);
  });
});

describe("volatilities", () => {
  it("default: rule C-4 holds on both sides", () => {
    const triangle = covarianceTriangle(randomReturns(3, 240, 12), 0);
    const sum = decaySum(0);
    volatilities(triangle, sum).forEach((v, i) => {
      const own = triangleEntry(triangle, 12, i, i);
      expect(v * v * sum <= own && own < (v + 1n) ** 2n * sum).toBe(true);
    });
  });
  it("behavior: a motionless asset has volatility 0, a saturated one fits its lane", () => {
    const triangle = covarianceTriangle(
      Array.from({ length: 240 }, () => [0n, MAX_RETURN]),
      0,
    );
    expect(volatilities(triangle, decaySum(0))).toEqual([0n, MAX_RETURN]);
  });
});

describe("correlations", () => {
  it("default: within one rounding of the exact correlation, and rounded down", () => {
    const triangle = covarianceTriangle(randomReturns(4, 240, 6), 0);
    const sum = decaySum(0);
    const vols = volatilities(triangle, sum);
    let place = 0;
    const rhos = correlations(triangle, vols, sum);
    for (let i = 0; i < 6; i++) {
      for (let j = i + 1; j < 6; j++) {
        const rho = rhos[place++]!;
        const [entry, unit] = [PPM * triangleEntry(triangle, 6, i, j), vols[i]! * vols[j]! * sum];
        expect(rho * unit <= entry && entry < (rho + 1n) * unit).toBe(true);
      }
    }
    expect(rhos.some((rho) => rho < 0n)).toBe(true);
  });
  it("behavior: rounds negative ones toward minus infinity", () => {
    // v = 1, A = 240: 10⁶ · (−1) / 240 = −4166.67
    expect(correlations([240n, -1n, 240n], [1n, 1n], 240n)).toEqual([-4167n]);
  });
  it("behavior: clamps to one where rounded-down volatilities push it past", () => {
    expect(correlations([400n, 400n, 400n], [1n, 1n], 240n)).toEqual([PPM]);
    expect(correlations([400n, -400n, 400n], [1n, 1n], 240n)).toEqual([-PPM]);
  });
  it("behavior: 0 with a motionless asset", () => {
    expect(correlations([0n, 0n, 400n], [0n, 1n], 240n)).toEqual([0n]);
  });
});

describe("packCorrelations", () => {
  it("default: twelve per word, lanes after the last pair stored 0", () => {
    const values = Array.from({ length: 15 }, (_, k) => BigInt(k) - 7n);
    const words = packCorrelations(values);
    expect(words).toHaveLength(2);
    expect(words[1]! >> 63n).toBe(0n);
    expect(unpackCorrelations(words, 6)).toEqual(values);
  });
  it("error: RangeError for too few words", () => expect(() => unpackCorrelations([0n], 12)).toThrow(RangeError));
});

describe.skipIf(!existsSync(REFERENCE))(
  "EWMA figures computed elsewhere (skipped where ../shared/reference is absent)",
  () => {
    it("behavior: decay 0.94 on two venues in March 2020", () => {
      const { cases } = JSON.parse(readFileSync(REFERENCE, "utf8"));
      const { inputs, expected } = cases.find(({ id }: { id: string }) => id === "ewma-0.94-two-venues-covid");
      const [header, ...rows] = readFileSync(new URL(inputs.file, REFERENCE_DATA), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(","));
      const columns = inputs.columns.map((name: string) => header!.indexOf(name));
      const closes = rows
        .filter(([date]) => date! >= inputs.first && date! <= inputs.last)
        .map((row) => columns.map((c: number) => Number(row[c])));
      // The reference uses log returns, and gives the first product the weight of all the past before it.
      const logs = closes
        .slice(1)
        .map((row, t) => row.map((price: number, i: number) => Math.log(price / closes[t]![i]!)));
      expect(logs).toHaveLength(inputs.n);
      const triangle = covarianceTriangle(
        logs.map((row) => row.map((x: number) => BigInt(Math.round(x * 1e6)))),
        0,
      );
      const [first] = logs;
      const last = (i: number, j: number) =>
        (0.06 * Number(triangleEntry(triangle, 2, i, j))) / 65_536 / 1e12 + 0.94 ** inputs.n * first![i]! * first![j]!;
      const figures = expected.covariance_last as Record<string, number>;
      // Returns in whole ppm and decay weights in 2⁻¹⁶ leave about 10⁻⁵ of the figure.
      expect(last(0, 0) / figures["BTC_USD/BTC_USD"]!).toBeCloseTo(1, 4);
      expect(last(0, 1) / figures["BTC_USD/ETH_USD"]!).toBeCloseTo(1, 4);
      expect(last(1, 1) / figures["ETH_USD/ETH_USD"]!).toBeCloseTo(1, 4);
    });
  },
);
