import { describe, expect, it } from "vitest";
import { isBareDebt } from "./houseAccounts.ts";

const none = new Array<bigint>(12).fill(0n);
const some = none.with(11, 1n);
const positions = [{ series: 3, quantity: -1n }];

describe("isBareDebt", () => {
  it.each([
    ["nothing", [], 0n, none, false],
    ["cash and collateral", [], 5n, some, false],
    ["a debt", [], -1n, none, true],
    ["a debt against collateral", [], -1n, some, false],
    ["a position", positions, 5n, none, false],
    ["a position and a debt", positions, -5n, none, false],
  ] as const)("default: %s", (_, held, cash, balances, bare) => {
    expect(isBareDebt({ positions: held, cash, balances })).toBe(bare);
  });
});
