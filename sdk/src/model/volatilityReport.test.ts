import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OptionRowMalformed, parseOptionMarks } from "./optionMarks.ts";
import { surfaceArbitrages } from "./volatilityArbitrage.ts";
import { draftVolatilityReport } from "./volatilityReport.ts";
import { REPORT_BOUNDS, VolatilityReportEmpty, volatilityAt } from "./volatilitySurface.ts";

const OPTIONS = new URL("../../../../shared/data/options-cc0-deribit-btc-2026-08-08.csv", import.meta.url);
const DOLLAR = 10n ** 12n;
const HEADER = "date,expiry,strike,type,mark_iv_pct,underlying_usd,open_interest";
/** A smile at one expiry, calls and puts. */
const rows = (expiry: string, forward: number, smile: readonly (readonly [strike: number, percent: number])[]) =>
  smile.flatMap(([strike, volatility]) =>
    ["call", "put"].map((type) => `2026-08-08,${expiry},${strike},${type},${volatility},${forward},2.5`),
  );
const fileOf = (...lines: string[][]): string => `${[HEADER, ...lines.flat()].join("\n")}\n`;
const draftOf = (text: string) => {
  const { day, marks } = parseOptionMarks(text);
  return draftVolatilityReport({ underlying: 2n, observedAt: day, spot: 60_000n * DOLLAR, marks });
};
const none = { expiries: 0, range: 0, acrossStrikes: 0, acrossExpiries: 0, crowded: 0 };

describe("parseOptionMarks", () => {
  it("default: a day and its options", () => {
    expect(parseOptionMarks(fileOf(rows("2026-08-28", 60_123.45, [[61_000, 31.25]])))).toEqual({
      day: 1_786_147_200n,
      marks: ["call", "put"].map(() => ({
        expiry: 1_787_904_000n, // 08:00 UTC of the day
        strike: 61_000n * DOLLAR,
        volatility: 312_500_000_000n,
        forward: 60_123_450_000_000_000n,
        openInterest: 2_500_000n,
      })),
    });
  });

  it.each([
    ["a header of its own", "a,b\n1,2"],
    ["a cell less", `${HEADER}\n2026-08-08,2026-08-28,1,call,1,1`],
    ["a number that is none", `${HEADER}\n2026-08-08,2026-08-28,1e5,call,1,1,1`],
    ["a negative number", `${HEADER}\n2026-08-08,2026-08-28,1,call,-1,1,1`],
    ["a day that is none", `${HEADER}\n2026-08-08,soon,1,call,1,1,1`],
    ["two days", `${HEADER}\n2026-08-08,2026-08-28,1,call,1,1,1\n2026-08-09,2026-08-28,1,call,1,1,1`],
    ["no option", HEADER],
  ])("error: OptionRowMalformed for %s", (_, text) => {
    expect(() => parseOptionMarks(text)).toThrow(OptionRowMalformed);
  });
});

describe("draftVolatilityReport", () => {
  it("default: nothing is left out where nothing is wrong", () => {
    const near = [[55_000, 62], [60_000, 60], [66_000, 61]] as const; // biome-ignore format: a smile on one line
    const far = [[50_000, 58], [60_000, 56], [72_000, 57]] as const; // biome-ignore format: a smile on one line
    const { report, leftOut } = draftOf(fileOf(rows("2026-12-25", 60_900, far), rows("2026-08-28", 60_090, near)));
    expect(leftOut).toEqual(none);
    expect(report.slices.map(({ basis, strikes }) => [basis, strikes.length])).toEqual([
      [1_500n, 3],
      [15_000n, 3],
    ]);
    expect(report.underlying).toBe(2n);
  });

  it("behavior: a strike that is too dear goes, its neighbours stay", () => {
    const smile = [[50_000, 60], [55_000, 60], [60_000, 95], [65_000, 60], [70_000, 60]] as const; // biome-ignore format: a smile on one line
    const { report, leftOut } = draftOf(fileOf(rows("2026-08-28", 60_000, smile)));
    expect(leftOut).toEqual({ ...none, acrossStrikes: 1 });
    expect(report.slices[0]?.strikes).toEqual([50_000n, 55_000n, 65_000n, 70_000n].map((strike) => strike * DOLLAR));
  });

  it("behavior: strikes at which total variance falls go", () => {
    const near = [[55_000, 60], [60_000, 60], [66_000, 60]] as const; // biome-ignore format: a smile on one line
    const far = [[55_000, 59], [60_000, 52], [66_000, 59]] as const; // biome-ignore format: a smile on one line
    const { report, leftOut } = draftOf(fileOf(rows("2026-08-28", 60_000, near), rows("2026-09-01", 60_000, far)));
    expect(leftOut).toEqual({ ...none, acrossExpiries: 1 });
    expect(report.slices.map(({ strikes }) => strikes.length)).toEqual([3, 2]);
    expect(surfaceArbitrages(report)).toEqual([]);
  });

  it("behavior: at most eight expiries, those with most open interest, and none that is past or out of range", () => {
    const smile = [[1, 60], [60_000, 60]] as const; // biome-ignore format: a smile on one line
    const days = Array.from({ length: 9 }, (_, i) => `2026-09-0${i + 1}`);
    const few = days[4] as string;
    const many = days.filter((day) => day !== few);
    const text = fileOf(
      ...["2026-08-07", "2036-01-01", few].map((day) => rows(day, 60_000, smile)),
      ...many.map((day) => [...rows(day, 60_000, smile), `2026-08-08,${day},60000,call,60,60000,1`]),
    );
    const { report, leftOut } = draftOf(text);
    expect(report.slices).toHaveLength(REPORT_BOUNDS.slices);
    expect(leftOut).toEqual({ ...none, expiries: 6, range: 8 });
  });

  it("behavior: of more than sixteen strikes those stay that say most", () => {
    const smile = Array.from({ length: 41 }, (_, k) => [40_000 + 1_000 * k, 50 + Math.abs(k - 20)] as const);
    const { report, leftOut } = draftOf(fileOf(rows("2026-12-25", 60_000, smile)));
    const [slice] = report.slices;
    expect(slice?.strikes).toHaveLength(REPORT_BOUNDS.strikes);
    expect(leftOut.crowded + leftOut.acrossStrikes).toBe(41 - REPORT_BOUNDS.strikes);
    for (const [strike, percent] of smile) {
      const { volatility } = volatilityAt(report, slice?.expiry ?? 0n, BigInt(strike) * DOLLAR);
      expect(Math.abs(Number(volatility) / 1e10 - percent)).toBeLessThan(0.5);
    }
  });

  it("error: VolatilityReportEmpty", () => {
    expect(() => draftOf(fileOf(rows("2026-08-07", 60_000, [[60_000, 60]])))).toThrow(VolatilityReportEmpty);
  });

  it.skipIf(!existsSync(OPTIONS))(
    "behavior: 830 options of one day of Bitcoin (skipped where ../shared/data is absent)",
    () => {
      const { day, marks } = parseOptionMarks(readFileSync(OPTIONS, "utf8"));
      expect(marks).toHaveLength(830);
      const spot = marks[0]?.forward as bigint; // of the options that end within hours
      const { report, leftOut } = draftVolatilityReport({ underlying: 0n, observedAt: day, spot, marks });
      const strikes = report.slices.flatMap((slice) => slice.strikes.map((strike) => ({ slice, strike })));
      console.info(`of 415 strikes ${strikes.length} are reported; left out: ${JSON.stringify(leftOut)}`);
      expect(report.slices).toHaveLength(8);
      expect(surfaceArbitrages(report)).toEqual([]);
      // every strike is in the report or counted
      expect(Object.values(leftOut).reduce((sum, count) => sum + count, strikes.length)).toBe(415);
      // raw marks have two decimals, and so they contradict each other
      expect(leftOut.acrossStrikes).toBeGreaterThan(0);
      // what is left out is told well by what is reported, over the range that is
      const misses = marks.flatMap(({ expiry, strike, volatility }) => {
        const slice = report.slices.find((candidate) => candidate.expiry === expiry);
        if (slice === undefined) return [];
        const [low, high] = [slice.strikes[0] as bigint, slice.strikes.at(-1) as bigint];
        if (strike < low || strike > high) return [];
        return [Math.abs(Number(volatilityAt(report, expiry, strike).volatility - volatility)) / 1e10];
      });
      misses.sort((a, b) => a - b);
      expect(misses.length).toBeGreaterThan(400);
      expect(misses[Math.floor(misses.length * 0.95)]).toBeLessThan(1); // volatility points
    },
  );
});
