import { PPM, PPT, surfaceArbitrages } from "@equipoise/sdk";
import { describe, expect, it } from "vitest";
import { realisedVolatility, reportOf, simulatedView, viewFromFile } from "./surface.ts";

const TIME = 1_704_067_200n;
const DAY = 86_400n;
const SPOT = 42_000n * PPT;
const seen = { time: TIME, spot: SPOT, realised: 0.6 };

describe("realisedVolatility", () => {
  it("default: per √year, from the root mean square of hourly returns", () => {
    const prices = [100n, 101n, 100n, 101n].map((price) => price * 10n ** 18n);
    expect(realisedVolatility(prices, 3_600)).toBeCloseTo(Math.log(1.01) * Math.sqrt(8_760), 10);
  });
});

describe("simulatedView", () => {
  it("default: a smile that admits no arbitrage, calm or wild", () => {
    for (const realised of [0.15, 0.6, 1.5]) {
      const { report } = reportOf(simulatedView({ ...seen, realised }), { ...seen, realised, underlying: 3, level: 1 });
      expect(report).toMatchObject({ underlying: 3n, observedAt: TIME, spot: SPOT });
      expect(report.slices).toHaveLength(3);
      expect(surfaceArbitrages(report)).toEqual([]);
      for (const { strikes } of report.slices) expect(strikes.length).toBeGreaterThanOrEqual(8);
    }
  });
});

describe("reportOf", () => {
  it("behavior: keeps the strikes and moves the level with realised volatility, but not at once", () => {
    const view = simulatedView(seen);
    const first = reportOf(view, { ...seen, underlying: 0, level: 1 });
    expect(first.level).toBe(1);
    const crash = { time: TIME + 3_600n, spot: (SPOT * 9n) / 10n, realised: 1.8 };
    const second = reportOf(view, { ...crash, underlying: 0, level: first.level });
    expect(second.level).toBeCloseTo(1.4, 12);
    const atTheMoney = (report: typeof first.report): bigint => {
      const slice = report.slices[1];
      return slice?.volatilities[slice.strikes.indexOf(SPOT)] ?? 0n;
    };
    expect(Number(atTheMoney(second.report)) / Number(atTheMoney(first.report))).toBeCloseTo(1.4, 6);
    expect(surfaceArbitrages(second.report)).toEqual([]);
    expect(reportOf(view, { ...crash, underlying: 0, level: second.level }).level).toBeCloseTo(1.96, 12);
  });
});

describe("viewFromFile", () => {
  it("default: options keep time to expiry, moneyness, basis and volatility", () => {
    const text = [
      "date,expiry,strike,type,mark_iv_pct,underlying_usd,open_interest",
      "2024-03-01,2024-03-08,60000,call,55.5,60000,12",
      "2024-03-01,2024-04-05,66000,put,61.25,60600,3",
    ].join("\n");
    const view = viewFromFile("marks.csv", text, seen);
    expect(view.source).toBe("marks.csv");
    const [near, far] = view.marks;
    expect(near).toMatchObject({ expiry: TIME + 6n * DAY + 8n * 3_600n, strike: SPOT, forward: SPOT });
    expect(near?.volatility).toBe(555_000n * PPM);
    expect(far).toMatchObject({ strike: (SPOT * 11n) / 10n, forward: (SPOT * 101n) / 100n });
  });
});
