import { DEBT_NOTICE, DEBT_SALE } from "@equipoise/sdk/actions";
import { describe, expect, it } from "vitest";
import { isWorthCalling, LEAST_CALLED, stageOf } from "./collectDebts.ts";

const CALLED = 1_000_000n;
const OPEN = CALLED + DEBT_NOTICE;
const OVER = OPEN + DEBT_SALE;

describe("stageOf", () => {
  it.each([
    ["never called", LEAST_CALLED, 0n, CALLED, "due"],
    ["too little to call", LEAST_CALLED - 1n, 0n, CALLED, "quiet"],
    ["just called", LEAST_CALLED, CALLED, CALLED, "quiet"],
    ["before the sale", LEAST_CALLED, CALLED, OPEN - 1n, "quiet"],
    ["in the sale", LEAST_CALLED, CALLED, OPEN, "sale"],
    ["the rest of it", 1n, CALLED, OVER - 1n, "sale"],
    ["paid in the sale", 0n, CALLED, OPEN, "quiet"],
    ["owed on after it", LEAST_CALLED, CALLED, OVER, "due"],
    ["nearly paid after it", LEAST_CALLED - 1n, CALLED, OVER, "quiet"],
  ] as const)("default: %s", (_, debt, calledAt, now, stage) => {
    expect(stageOf({ debt, calledAt }, now)).toBe(stage);
  });
});

describe("isWorthCalling", () => {
  it.each([
    ["a sale that goes below the buyer's price", 10_001n, true],
    ["a sale that ends at it", 10_000n, false],
    ["a token whose source was silent", 1_000_000n, false],
  ] as const)("default: %s", (_, haircut, isWorth) => {
    expect(isWorthCalling({ haircut }, { discount: 10_000n })).toBe(isWorth);
  });
});
