import { describe, expect, it } from "vitest";
import { FractionUnreadable, parseFraction, parseFractions, parseWhole, WholeNumberUnreadable } from "./fraction.ts";

describe("parseFraction", () => {
  it("default: exact ppm", () => {
    expect(
      ["0", "1", "0.25", ".5", "0.000001", "0.1", "1.000000", " 0.3 "].map((text) => parseFraction(text, "--x")),
    ).toEqual([0n, 1_000_000n, 250_000n, 500_000n, 1n, 100_000n, 1_000_000n, 300_000n]);
  });
  it("behavior: lists", () => expect(parseFractions("0.2,0.8", "--x")).toEqual([200_000n, 800_000n]));
  it("error: FractionUnreadable names option and entry", () => {
    for (const text of ["", "-1", "0.1234567", "1e-3", "1.", "a", "0,5"])
      expect(() => parseFraction(text, "--x"), text).toThrow(FractionUnreadable);
    expect(() => parseFractions("0.2,,1", "--caps")).toThrow(/^--caps \(entry 2\) is ""/);
  });
});

describe("parseWhole", () => {
  it("default: whole numbers", () => expect(parseWhole("10", "--x")).toBe(10n));
  it("error: WholeNumberUnreadable", () => {
    for (const text of ["", "-1", "1.0", "1e3"])
      expect(() => parseWhole(text, "--x"), text).toThrow(WholeNumberUnreadable);
  });
});
