import { describe, expect, it } from "vitest";
import { escalatedFees, firstFees, marketFees } from "./fees.ts";

const policy = { escalateAfterMs: 1, maxFeePerGas: 1_000n };
const market = marketFees(40n, 3n);

describe("firstFees", () => {
  it("default: twice the base fee and the priority fee, below the cap", () => {
    expect(firstFees(market, policy)).toEqual({ maxFeePerGas: 83n, maxPriorityFeePerGas: 3n });
    expect(firstFees(marketFees(600n, 3n), policy).maxFeePerGas).toBe(1_000n);
  });
});

describe("escalatedFees", () => {
  it("default: an eighth more, rounded up", () => {
    const before = { maxFeePerGas: 100n, maxPriorityFeePerGas: 3n };
    expect(escalatedFees(before, market, policy)).toEqual({ maxFeePerGas: 113n, maxPriorityFeePerGas: 4n });
  });

  it("behavior: the market's fees where they are higher, the cap where it is lower", () => {
    const before = { maxFeePerGas: 50n, maxPriorityFeePerGas: 1n };
    expect(escalatedFees(before, market, policy)).toEqual(market);
    const high = { maxFeePerGas: 900n, maxPriorityFeePerGas: 100n };
    expect(escalatedFees(high, market, policy)).toEqual({ maxFeePerGas: 1_000n, maxPriorityFeePerGas: 113n });
  });

  it("behavior: nothing where the cap leaves no tenth, which nodes would refuse", () => {
    const before = { maxFeePerGas: 950n, maxPriorityFeePerGas: 3n };
    expect(escalatedFees(before, market, policy)).toBeUndefined();
  });
});
