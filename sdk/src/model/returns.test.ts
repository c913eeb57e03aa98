import { describe, expect, it } from "vitest";
import { MAX_RETURN, SIGNED_OFFSET, WAD } from "../protocol.ts";
import {
  AssetCountMismatch,
  observedReturn,
  observedReturns,
  PriceNotPositive,
  packObservation,
  packObservations,
  unpackObservations,
} from "./returns.ts";

describe("observedReturn", () => {
  it("default: a rise of one percent is 10,000 ppm", () => {
    expect(observedReturn(100n * WAD, 101n * WAD)).toBe(10_000n);
  });
  it("behavior: rounds toward zero on both sides", () => {
    expect(observedReturn(3n, 4n)).toBe(333_333n);
    expect(observedReturn(3n, 2n)).toBe(-333_333n);
  });
  it("behavior: saturates at the largest return a lane holds", () => {
    expect(observedReturn(1n, 3n)).toBe(MAX_RETURN);
    expect(observedReturn(1_000_000n, 2_000_000n + 48_575n)).toBe(MAX_RETURN);
    expect(observedReturn(1_000_000n, 2_000_000n + 48_574n)).toBe(MAX_RETURN - 1n);
    // A price cannot fall by more than all of itself.
    expect(observedReturn(WAD, 1n)).toBe(-999_999n);
  });
  it("error: PriceNotPositive", () => {
    expect(() => observedReturn(0n, 1n)).toThrow(PriceNotPositive);
    expect(() => observedReturn(1n, -1n)).toThrow(PriceNotPositive);
  });
});

describe("observedReturns", () => {
  it("default: one row less than there are prices", () => {
    expect(
      observedReturns([
        [100n, 200n],
        [110n, 200n],
        [99n, 100n],
      ]),
    ).toEqual([
      [100_000n, 0n],
      [-100_000n, -500_000n],
    ]);
  });
  it("error: AssetCountMismatch names the tick", () => {
    expect(() => observedReturns([[1n, 1n], [1n]])).toThrow(AssetCountMismatch);
    expect(() => observedReturns([[1n, 1n], [1n]])).toThrow(/tick 1 lists 1 assets and the first lists 2/);
  });
  it("error: PriceNotPositive names asset and tick", () => {
    expect(() =>
      observedReturns([
        [1n, 1n],
        [1n, 0n],
      ]),
    ).toThrow(/asset 1 at tick 1 is 0/);
  });
});

describe("packObservation", () => {
  it("default: missing lanes hold return 0, stored as the offset", () => {
    const word = packObservation([-1n, 5n]);
    expect(unpackObservations([word])[0]).toEqual([-1n, 5n, ...new Array(10).fill(0n)]);
    expect(word >> 231n).toBe(SIGNED_OFFSET);
  });
  it("behavior: a smaller size fills fewer lanes", () => {
    expect(packObservation([7n], 3) >> 63n).toBe(0n);
  });
  it("behavior: words of a window unpack to the returns they were packed from", () => {
    const returns = [
      [1n, -2n, MAX_RETURN],
      [0n, -MAX_RETURN, 9n],
    ];
    expect(unpackObservations(packObservations(returns), 3)).toEqual(returns);
  });
});
