import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  PriceFileEmpty,
  PriceFileMalformed,
  PriceFileMissing,
  PriceMissing,
  readPricesCsv,
  StepNotRegular,
  TimeNotIncreasing,
} from "./csv.ts";
import { PriceNotANumber, PriceTooLarge, PriceTooSmall, parsePrice } from "./decimal.ts";
import { AssetRepeated, AssetsOutOfRange, AssetUnknown, parseTime, TimeUnreadable } from "./series.ts";

const directory = mkdtempSync(join(tmpdir(), "equipoise-csv-"));
let written = 0;

function fileOf(...lines: string[]): string {
  const path = join(directory, `${written++}.csv`);
  writeFileSync(path, lines.join("\n"));
  return path;
}

const HOURS = [
  "time,BTC,ETH",
  "2023-01-01T00:00:00Z,100.5,10",
  "2023-01-01T01:00:00Z,101,11",
  "2023-01-01T02:00:00Z,102,12",
];

describe("readPricesCsv", () => {
  it("default: a price is known one step after its row's time", () => {
    const series = readPricesCsv(fileOf(...HOURS));
    expect(series.step).toBe(3600);
    expect(series.assets).toEqual(["BTC", "ETH"]);
    expect(series.times[0]).toBe(parseTime("2023-01-01T01:00:00Z", "t"));
    expect(series.prices[0]).toEqual([100_500_000_000_000_000_000n, 10n ** 19n]);
  });
  it("behavior: never looks ahead, to the second", () => {
    const path = fileOf(...HOURS);
    const two = parseTime("2023-01-01T02:00:00Z", "t");
    expect(readPricesCsv(path, { to: two }).prices.at(-1)![0]).toBe(101n * 10n ** 18n);
    expect(readPricesCsv(path, { to: two - 1 }).prices.at(-1)![0]).toBe(1005n * 10n ** 17n);
  });
  it("behavior: a daily price is known at the end of its day", () => {
    const series = readPricesCsv(fileOf("date,BTC", "2023-01-01,1", "2023-01-02,2"));
    expect(series.step).toBe(86_400);
    expect(series.times[0]).toBe(parseTime("2023-01-02", "t"));
  });
  it("behavior: chooses columns, order and the last rows; cells outside may be empty", () => {
    const path = fileOf("time,A,B", "2023-01-01,,5", "2023-01-02,1,6", "2023-01-03,2,");
    expect(readPricesCsv(path, { assets: ["B"], to: parseTime("2023-01-03", "t"), last: 2 }).prices).toEqual([
      [5n * 10n ** 18n],
      [6n * 10n ** 18n],
    ]);
    expect(
      readPricesCsv(path, { assets: ["B", "A"], from: parseTime("2023-01-03", "t"), to: parseTime("2023-01-03", "t") })
        .prices,
    ).toEqual([[6n * 10n ** 18n, 10n ** 18n]]);
  });
  it("behavior: a byte order mark, quotes, blank lines and missing rows do not disturb it", () => {
    const series = readPricesCsv(
      fileOf(
        "\uFEFFtime,BTC",
        '"2023-01-01 00:00","1"',
        "2023-01-01 01:00,2",
        "",
        "2023-01-01 04:00,3",
        "2023-01-01 05:00,4",
      ),
    );
    expect(series.times.map((time) => (time - series.times[0]!) / 3600)).toEqual([0, 1, 4, 5]);
  });
  it("error: PriceFileMissing", () => {
    expect(() => readPricesCsv(join(directory, "absent.csv"))).toThrow(PriceFileMissing);
    expect(() => readPricesCsv(directory)).toThrow(PriceFileMissing);
  });
  it("error: PriceFileMalformed for rows of other lengths and unnamed columns", () => {
    expect(() => readPricesCsv(fileOf(...HOURS, "2023-01-01T03:00:00Z,1"))).toThrow(PriceFileMalformed);
    expect(() => readPricesCsv(fileOf("time,", "2023-01-01,1", "2023-01-02,1"))).toThrow(PriceFileMalformed);
    expect(() => readPricesCsv(fileOf("time", "2023-01-01", "2023-01-02"))).toThrow(PriceFileMalformed);
  });
  it("error: PriceFileEmpty", () => {
    expect(() => readPricesCsv(fileOf("time,BTC"))).toThrow(PriceFileEmpty);
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-01,1"))).toThrow(
      /has 1 rows of prices and needs at least 2/,
    );
    expect(() => readPricesCsv(fileOf(""))).toThrow(PriceFileMalformed);
  });
  it("error: TimeUnreadable", () => {
    expect(() => readPricesCsv(fileOf("time,BTC", "yesterday,1", "2023-01-02,1"))).toThrow(TimeUnreadable);
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-02-30,1", "2023-03-02,1"))).toThrow(
      /the time of row 2 is "2023-02-30"/,
    );
  });
  it("error: TimeNotIncreasing for repeated and for earlier times", () => {
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-01,1", "2023-01-01,1"))).toThrow(TimeNotIncreasing);
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-02,1", "2023-01-01,1"))).toThrow(
      /row 3 is of 2023-01-01T00:00:00Z/,
    );
  });
  it("error: StepNotRegular", () => {
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-01T00:00Z,1", "2023-01-01T00:05Z,1"))).toThrow(
      StepNotRegular,
    );
  });
  it("error: PriceMissing names asset and time", () => {
    expect(() => readPricesCsv(fileOf("time,BTC,ETH", "2023-01-01,1,", "2023-01-02,1,1"))).toThrow(PriceMissing);
    expect(() => readPricesCsv(fileOf("time,BTC,ETH", "2023-01-01,1,", "2023-01-02,1,1"))).toThrow(
      /the price of ETH at 2023-01-01 is empty/,
    );
  });
  it("error: PriceNotANumber, PriceTooSmall name asset and time", () => {
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-01,n/a", "2023-01-02,1"))).toThrow(PriceNotANumber);
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-01,1", "2023-01-02,-3"))).toThrow(PriceTooSmall);
    expect(() => readPricesCsv(fileOf("time,BTC", "2023-01-01,1", "2023-01-02,0.000000004"))).toThrow(
      /of BTC at 2023-01-02 is 0.000000004/,
    );
  });
  it("error: AssetUnknown, AssetRepeated, AssetsOutOfRange", () => {
    expect(() => readPricesCsv(fileOf(...HOURS), { assets: ["DOGE"] })).toThrow(AssetUnknown);
    expect(() => readPricesCsv(fileOf(...HOURS), { assets: ["BTC", "BTC"] })).toThrow(AssetRepeated);
    expect(() => readPricesCsv(fileOf(...HOURS), { assets: [] })).toThrow(AssetsOutOfRange);
    const names = Array.from({ length: 13 }, (_, i) => `A${i}`);
    const ones = names.map(() => "1");
    const wide = fileOf(["time", ...names].join(), ["2023-01-01", ...ones].join(), ["2023-01-02", ...ones].join());
    expect(() => readPricesCsv(wide)).toThrow(/13 assets and a log observes 1 to 12/);
    expect(readPricesCsv(wide, { assets: names.slice(1) }).assets).toHaveLength(12);
  });
});

describe("parsePrice", () => {
  it("default: exact, at eight decimals, in wad", () => {
    expect(parsePrice("29374.15", "p")).toBe(29_374_150_000_000_000_000_000n);
    expect(parsePrice(" .5 ", "p")).toBe(5n * 10n ** 17n);
    expect(parsePrice("1.5e-3", "p")).toBe(15n * 10n ** 14n);
    expect(parsePrice("12E2", "p")).toBe(1200n * 10n ** 18n);
  });
  it("behavior: rounds half up", () => {
    expect(parsePrice("0.123456785", "p")).toBe(123_456_79n * 10n ** 10n);
    expect(parsePrice("0.123456784999999999999", "p")).toBe(123_456_78n * 10n ** 10n);
    expect(parsePrice("0.000000005", "p")).toBe(10n ** 10n);
  });
  it("error: PriceNotANumber", () => {
    for (const text of ["", ".", "1,5", "0x10", "NaN", "Infinity", "1e", "--1", "1 2"])
      expect(() => parsePrice(text, "p"), text).toThrow(PriceNotANumber);
  });
  it("error: PriceTooSmall", () => {
    for (const text of ["0", "-1", "0.0000000049", "1e-999", "0e5"])
      expect(() => parsePrice(text, "p"), text).toThrow(PriceTooSmall);
  });
  it("error: PriceTooLarge", () => {
    for (const text of ["1e18", "1e999", "1000000000000000000"])
      expect(() => parsePrice(text, "p"), text).toThrow(PriceTooLarge);
  });
});
