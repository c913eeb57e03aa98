import { describe, expect, it } from "vitest";
import { chainRefusal, isNodeTrouble, isRangeRefused, isUnpayable } from "./refusal.ts";

describe("chainRefusal", () => {
  it.each([
    [3, "execution reverted: no", "0xAA", "0xaa"],
    [-32000, "execution reverted", undefined, "0x"],
    [-32015, "VM execution error.", "Reverted 0xaa", "0xaa"],
    [-32603, "Internal error", { message: "reverted", data: "0xaa" }, "0xaa"],
  ])("default: %i %s is a revert, in one form", (code, message, data, shown) => {
    for (const method of ["eth_call", "eth_estimateGas"])
      expect(chainRefusal(method, { code, message, data })).toEqual({ code: 3, message, data: shown });
  });

  it.each([
    [-32000, "out of gas"],
    [-32000, "gas required exceeds allowance (30000000)"],
    [-32000, "insufficient funds for gas * price + value"],
    [-32603, "EVM error InvalidFEOpcode"],
    [-32015, "Bad instruction fe"],
  ])("behavior: %i %s comes of executing too", (code, message) => {
    expect(chainRefusal("eth_call", { code, message })).toEqual({ code, message });
    expect(chainRefusal("eth_getLogs", { code, message })).toBeUndefined();
  });

  it.each([
    [-32005, "limit exceeded"],
    [-32005, "daily request count exceeded, request rate limited"],
    [429, "Your app has exceeded its compute units per second capacity"],
    [-32603, "Internal error"],
    [-32000, "header not found"],
    [-32000, "execution aborted (timeout = 5s)"],
    [-32000, "missing trie node 0xaa"],
    [-32601, "the method eth_call does not exist"],
    [-32602, "missing value for required argument 0"],
    [-32603, "Internal error", "block 0xaa is not here"],
  ])("behavior: %i %s is about the node", (code, message, data?: string) => {
    expect(chainRefusal("eth_call", { code, message, data })).toBeUndefined();
  });

  it("behavior: of a transaction that is sent only limits are about the node", () => {
    const send = "eth_sendRawTransaction";
    for (const [code, message] of [
      [-32000, "nonce too low"],
      [-32003, "exceeds block gas limit"],
      [-32603, "already known"],
      [-32000, "gas limit exceeded"],
    ] as const)
      expect(chainRefusal(send, { code, message })).toEqual({ code, message });
    expect(chainRefusal(send, { code: -32005, message: "limit exceeded" })).toBeUndefined();
  });
});

describe("isRangeRefused", () => {
  it.each([
    "You can make eth_getLogs requests with up to a 500 block range.",
    "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800",
    "eth_getLogs is limited to a 10,000 range",
    "ranges over 10000 blocks are not supported on freetier",
    "query returned more than 10000 results",
    "query exceeds max block range 1000",
    "please limit the query to at most 1000 blocks",
    "exceed maximum block range: 50000",
    "Log response size exceeded.",
  ])("default: %s", (message) => {
    expect(isRangeRefused("eth_getLogs", { code: -32000, message })).toBe(true);
    expect(isRangeRefused("eth_call", { code: -32000, message })).toBe(false);
  });

  it.each([
    "limit exceeded",
    "block range extends beyond current head block",
    "too many requests",
    "header not found",
    "eth_getLogs rate limited",
    "eth_getLogs is limited to 5 requests per second",
    "daily limit for eth_getLogs reached: at most 1000 results per day",
  ])("behavior: not %s", (message) => {
    expect(isRangeRefused("eth_getLogs", { code: -32000, message })).toBe(false);
  });
});

describe("isRangeRefused with a code of limits", () => {
  it("default: too many results under the code of too many questions", () => {
    const error = { code: -32005, message: "query returned more than 10000 results" };
    expect(isRangeRefused("eth_getLogs", error)).toBe(true);
  });
});

describe("isUnpayable", () => {
  it.each([
    "insufficient funds for gas * price + value: balance 1, tx cost 2",
    "Insufficient funds for gas * price + value",
    "InsufficientFunds, Account balance: 1",
    "Upfront cost exceeds account balance",
  ])("default: %s", (message) => {
    expect(isUnpayable(message)).toBe(true);
  });

  it.each(["nonce too low", "exceeds block gas limit", "intrinsic gas too low"])("behavior: not %s", (message) => {
    expect(isUnpayable(message)).toBe(false);
  });
});

describe("isNodeTrouble", () => {
  it("default: limits, missing states and internal errors, but no mistakes of ours", () => {
    const is = (code: number, message: string): boolean => isNodeTrouble({ code, message });
    expect([is(-32005, ""), is(429, ""), is(-32603, ""), is(-32000, "header not found")]).toEqual(Array(4).fill(true));
    expect([is(-32602, "invalid argument"), is(3, "execution reverted")]).toEqual([false, false]);
  });
});
