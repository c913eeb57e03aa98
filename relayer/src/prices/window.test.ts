import { describe, expect, it } from "vitest";
import type { PriceSeries } from "./series.ts";
import { contiguousStretches, GapInWindow, PricesEndEarlier, stretchFrom, WindowTooShort, windowAt } from "./window.ts";

const seriesOf = (hours: number[]): PriceSeries => ({
  source: "test",
  assets: ["A"],
  step: 3600,
  times: hours.map((hour) => hour * 3600),
  prices: hours.map((hour) => [BigInt(hour + 1)]),
});
const upTo = (end: number): number[] => Array.from({ length: end }, (_, hour) => hour);

describe("windowAt", () => {
  it("default: 241 prices, the last one known at the instant", () => {
    const window = windowAt(seriesOf(upTo(300)), 280 * 3600 + 1800);
    expect(window.times).toHaveLength(241);
    expect(window.times.at(-1)).toBe(280 * 3600);
    expect(window.prices.at(-1)).toEqual([281n]);
  });
  it("behavior: ends at the newest price where no instant is given", () => {
    expect(windowAt(seriesOf(upTo(300)), undefined, 8).times).toEqual(
      [291, 292, 293, 294, 295, 296, 297, 298, 299].map((hour) => hour * 3600),
    );
  });
  it("behavior: a gap before the window does not matter", () => {
    expect(windowAt(seriesOf([0, 5, 6, 7]), undefined, 2).times).toEqual([5, 6, 7].map((hour) => hour * 3600));
  });
  it("error: WindowTooShort at 240 prices, not at 241", () => {
    expect(() => windowAt(seriesOf(upTo(240)), undefined)).toThrow(WindowTooShort);
    expect(() => windowAt(seriesOf(upTo(240)), undefined)).toThrow(
      /240 prices and a window of 240 observations needs 241/,
    );
    expect(windowAt(seriesOf(upTo(241)), undefined).times).toHaveLength(241);
  });
  it("error: GapInWindow says which hour and how many", () => {
    expect(() => windowAt(seriesOf([0, 1, 4, 5]), undefined, 3)).toThrow(GapInWindow);
    expect(() => windowAt(seriesOf([0, 1, 4, 5]), undefined, 3)).toThrow(
      /1970-01-01T02:00:00Z is missing \(2 in a row/,
    );
  });
  it("error: PricesEndEarlier when the next price should be known", () => {
    expect(() => windowAt(seriesOf(upTo(300)), 300 * 3600)).toThrow(PricesEndEarlier);
    expect(windowAt(seriesOf(upTo(300)), 300 * 3600 - 1).times.at(-1)).toBe(299 * 3600);
  });
});

describe("contiguousStretches", () => {
  it("default: longest first", () => {
    expect(contiguousStretches(seriesOf([0, 2, 3, 4, 9, 10]))).toEqual([
      { start: 1, end: 4 },
      { start: 4, end: 6 },
      { start: 0, end: 1 },
    ]);
  });
});

describe("stretchFrom", () => {
  it("default: the end of the longest stretch", () => {
    expect(stretchFrom(seriesOf([0, 2, 3, 4, 9]), undefined, 2).times).toEqual([3 * 3600, 4 * 3600]);
  });
  it("behavior: from an instant", () => {
    expect(stretchFrom(seriesOf(upTo(9)), 3 * 3600 - 1, 2).times).toEqual([3 * 3600, 4 * 3600]);
  });
  it("error: WindowTooShort", () => {
    expect(() => stretchFrom(seriesOf([0, 2, 3]), undefined, 3)).toThrow(WindowTooShort);
    expect(() => stretchFrom(seriesOf(upTo(4)), 3 * 3600, 2)).toThrow(WindowTooShort);
    expect(() => stretchFrom(seriesOf(upTo(4)), 99 * 3600, 1)).toThrow(WindowTooShort);
  });
  it("error: GapInWindow", () => expect(() => stretchFrom(seriesOf([0, 1, 3]), 0, 3)).toThrow(GapInWindow));
});
