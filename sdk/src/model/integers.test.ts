import { describe, expect, it } from "vitest";
import { divideDown, divideNearest, divideUp, squareRootDown } from "./integers.ts";

describe("squareRootDown", () => {
  it("default: every integer up to 10,000", () => {
    for (let value = 0; value <= 10_000; value++)
      expect(squareRootDown(BigInt(value))).toBe(BigInt(Math.floor(Math.sqrt(value))));
  });
  it("behavior: exact beside large squares", () => {
    for (const root of [2n ** 31n - 1n, 2n ** 32n, 10n ** 30n + 7n, 2n ** 120n + 1n]) {
      expect(squareRootDown(root * root)).toBe(root);
      expect(squareRootDown(root * root - 1n)).toBe(root - 1n);
      expect(squareRootDown(root * root + 2n * root)).toBe(root);
    }
  });
  it("error: RangeError below zero", () => {
    expect(() => squareRootDown(-1n)).toThrow(RangeError);
  });
});

describe("divideDown, divideUp, divideNearest", () => {
  it("default: the direction in the name, on both sides of zero", () => {
    const all = [7n, -7n, 6n, -6n, 0n];
    expect(all.map((value) => divideDown(value, 2n))).toEqual([3n, -4n, 3n, -3n, 0n]);
    expect(all.map((value) => divideUp(value, 2n))).toEqual([4n, -3n, 3n, -3n, 0n]);
    expect(all.map((value) => divideNearest(value, 4n))).toEqual([2n, -2n, 2n, -1n, 0n]);
  });
});
