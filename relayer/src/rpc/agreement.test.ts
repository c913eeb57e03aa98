import { describe, expect, it } from "vitest";
import { canonical, comparable } from "./agreement.ts";

const textOf = (method: string, result: unknown): string => canonical(comparable(method, { result }));
const log = {
  ...{ address: "0xAA", topics: ["0x01", "0x02"], data: "0x03", removed: false },
  ...{ blockHash: "0x04", blockNumber: "0x5", transactionHash: "0x06", logIndex: "0x7" },
};
const receipt = {
  ...{
    transactionHash: "0x06",
    blockHash: "0x04",
    blockNumber: "0x5",
    from: "0x08",
    to: "0x09",
    contractAddress: "0x0a",
  },
  ...{ status: "0x1", gasUsed: "0xb", effectiveGasPrice: "0xc", logs: [log] },
};
const block = { hash: "0x04", number: "0x5", parentHash: "0x0d", timestamp: "0xe", baseFeePerGas: "0xf" };

describe("comparable, canonical", () => {
  it.each([
    ["eth_getLogs", log, (one: object) => [one]],
    ["eth_getTransactionReceipt", receipt, (one: object) => one],
    ["eth_getTransactionReceipt", log, (one: object) => ({ ...receipt, logs: [one] })],
    ["eth_getBlockByNumber", block, (one: object) => one],
    ["eth_getBlockByHash", block, (one: object) => one],
  ])("behavior: in %s no field that anything acts upon can differ", (method, fields, within) => {
    const honest = textOf(method, within(fields));
    expect(textOf(method, within({ ...fields, more: "0x1" }))).toBe(honest);
    for (const name of Object.keys(fields)) {
      const forged = {
        ...fields,
        [name]: name === "removed" ? true : Array.isArray(fields[name as never]) ? [] : "0xff",
      };
      expect(textOf(method, within(forged)), name).not.toBe(honest);
    }
  });

  it("behavior: a log is not removed where nothing is said of it; hex may be written in either case, fields in any order", () => {
    const { removed: _, ...silent } = log;
    const inverse = Object.fromEntries(Object.entries({ ...silent, address: "0xaa" }).toReversed());
    expect(textOf("eth_getLogs", [inverse])).toBe(textOf("eth_getLogs", [log]));
  });

  it("behavior: only what was compared is handed on", () => {
    expect(comparable("eth_getLogs", { result: [{ ...log, blockTimestamp: "0x1" }] })).toEqual({ result: [log] });
    expect(comparable("eth_getTransactionReceipt", { result: null })).toEqual({ result: null });
    expect(comparable("eth_call", { result: "0x01" })).toEqual({ result: "0x01" });
  });

  it("behavior: reverts are alike by their data, whatever code and words they come with", () => {
    const text = (code: number, message: string, data?: string) => canonical({ error: { code, message, data } });
    expect(text(3, "execution reverted", "0xaa")).toBe(text(-32015, "VM execution error.", "0xaa"));
    expect(text(3, "execution reverted", "0xaa")).not.toBe(text(3, "execution reverted", "0xab"));
    expect(text(3, "execution reverted", "0x")).toBe(text(-32000, "out of gas"));
  });
});
