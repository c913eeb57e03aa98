import { LANE_COUNT, PPM } from "@equipoise/sdk";
import { CallReverted, liquidationAbi } from "@equipoise/sdk/actions";
import { type Abi, type ContractErrorName, encodeErrorResult, type Hex, parseAbi } from "viem";
import { describe, expect, it } from "vitest";
import { isUnpriced } from "./assessAccounts.ts";
import { KeeperTooWeak, unlessTooWeak } from "./keepAuction.ts";

const address = "0x00000000000000000000000000000000000000aa";
/** of the account's words, as the house refuses them */
const wordsAbi = parseAbi([
  "error TooManyPositions()",
  "error QuantityOutOfRange(int256 quantity)",
  "error CashOutOfRange(int256 cash)",
  "error BalanceOutOfRange(uint256 lane, uint256 balance)",
]);
function refused(abi: Abi, errorName: ContractErrorName<Abi>, args: readonly unknown[]): CallReverted {
  const data: Hex = encodeErrorResult({ abi, errorName, args });
  return new CallReverted({ address, functionName: "bid" }, data);
}

describe("unlessTooWeak", () => {
  it.each([
    [refused(liquidationAbi, "BidderUnhealthy", [1n, 2n])],
    [refused(wordsAbi, "TooManyPositions", [])],
    [refused(wordsAbi, "QuantityOutOfRange", [1n])],
    [refused(wordsAbi, "CashOutOfRange", [1n])],
    [refused(wordsAbi, "BalanceOutOfRange", [1n, 2n])],
  ])("error: KeeperTooWeak, to be tried again, for %s", async (refusal) => {
    const bid = unlessTooWeak("0x01", "0x02", () => Promise.reject(refusal));
    await expect(bid).rejects.toBeInstanceOf(KeeperTooWeak);
    const message = `account 0x01 could not carry a slice of 0x02 (${refusal.reason}): deposit dollars into it, or trade it smaller`;
    await expect(bid).rejects.toMatchObject({ retry: true, message });
  });

  it("default: what the call comes to; nothing where it is not now; any other refusal as it is", async () => {
    expect(await unlessTooWeak("0x01", "0x02", async () => 5)).toBe(5);
    const later = refused(liquidationAbi, "LimitPassed", [1n, 2n]);
    expect(await unlessTooWeak("0x01", "0x02", () => Promise.reject(later))).toBeUndefined();
    const other = refused(liquidationAbi, "BackstopAccount", []);
    await expect(unlessTooWeak("0x01", "0x02", () => Promise.reject(other))).rejects.toBe(other);
  });
});

describe("isUnpriced", () => {
  const told = new Array<bigint>(LANE_COUNT).fill(100_000n);
  const silent = told.with(2, PPM);
  const holding = (series: readonly number[], lane?: number) => ({
    positions: series.map((number) => ({ series: number, quantity: 1n })),
    cash: 0n,
    collateral: told.map((haircut, place) => ({
      ...{ balance: place === lane ? 1n : 0n, price: 1n, haircut, slope: 0n, array: undefined },
    })),
  });
  it.each([
    ["a series of an array that goes on", holding([17]), 0b01, told, false],
    ["a series of a halted array", holding([3, 17]), 0b10, told, true],
    ["a token whose source was silent", holding([], 2), 0, silent, true],
    ["none of it", holding([3], 1), 0b10, silent, false],
  ] as const)("default: %s", (_, held, halted, haircuts, unpriced) => {
    expect(isUnpriced(held, halted, haircuts)).toBe(unpriced);
  });
});
