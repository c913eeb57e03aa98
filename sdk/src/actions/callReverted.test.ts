import {
  type AbiParameter,
  ContractFunctionExecutionError,
  encodeErrorResult,
  type Hex,
  parseAbi,
  RpcRequestError,
  toFunctionSelector,
} from "viem";
import { describe, expect, it } from "vitest";
import * as interfaces from "./abi/index.ts";
import { observationLogAbi } from "./abi/observationLog.ts";
import { CallReverted, decodeRevert, revertDataOf, revertOf } from "./callReverted.ts";
import { layerZeroErrorAbi } from "./layerzero/errors.ts";
import { observeCall } from "./observe.ts";
import { type Revert, type RevertArgs, revertAbi } from "./revert.ts";

const observationLog = "0x00000000000000000000000000000000000000aa";
const tooEarly = encodeErrorResult({ abi: observationLogAbi, errorName: "ObservationTooEarly", args: [7n] });

describe("decodeRevert", () => {
  it("default: names an error of the called contract with its arguments", () => {
    expect(decodeRevert(tooEarly)).toEqual({ reason: "ObservationTooEarly", args: [7n] });
  });

  it("behavior: names errors that come from deeper: ours, LayerZero's, strings and panics", () => {
    expect(decodeRevert(tooEarly).reason).toBe("ObservationTooEarly");
    const nonce = encodeErrorResult({ abi: layerZeroErrorAbi, errorName: "LZ_InvalidNonce", args: [3n] });
    expect(decodeRevert(nonce)).toEqual({ reason: "LZ_InvalidNonce", args: [3n] });
    const text = encodeErrorResult({ abi: parseAbi(["error Error(string)"]), errorName: "Error", args: ["old"] });
    expect(decodeRevert(text)).toEqual({ reason: "Error", args: ["old"] });
    const panic = encodeErrorResult({ abi: parseAbi(["error Panic(uint256)"]), errorName: "Panic", args: [17n] });
    expect(decodeRevert(panic)).toEqual({ reason: "Panic", args: [17n] });
  });

  it("behavior: every error of every interface has its name and its arguments back", () => {
    const all = Object.values(interfaces).flatMap((abi) => abi.filter((item) => item.type === "error"));
    const errors = new Map(all.map((item) => [JSON.stringify([item.name, item.inputs.map(({ type }) => type)]), item]));
    expect(errors.size).toBeGreaterThan(200);
    for (const item of errors.values()) {
      const args = item.inputs.map(sample);
      const data = encodeErrorResult({ abi: [item], errorName: item.name, args } as never);
      expect(decodeRevert(data)).toEqual({ reason: item.name, args });
    }
  });

  it("behavior: no two errors of different names share a selector", () => {
    const names = new Map<string, Set<string>>();
    for (const item of revertAbi) {
      const selector = toFunctionSelector(`${item.name}(${item.inputs.map(({ type }) => type).join()})`);
      names.set(selector, (names.get(selector) ?? new Set()).add(item.name));
    }
    expect([...names.values()].filter(({ size }) => size > 1)).toEqual([]);
  });

  it("behavior: says what it can of the rest", () => {
    expect(decodeRevert(undefined).reason).toBe("NoReason");
    expect(decodeRevert("0x").reason).toBe("NoReason");
    expect(decodeRevert("0x12345678")).toEqual({ reason: "UnknownError", args: ["0x12345678"] });
  });
});

/** A value of a parameter's type that is told from zero. */
function sample({ type }: AbiParameter): unknown {
  if (type === "address") return "0x00000000000000000000000000000000000000AA";
  if (type === "bool") return true;
  if (type === "string") return "why";
  if (type.startsWith("bytes")) return `0x${"ab".repeat(Number(type.slice(5) || 3))}`;
  const bits = /^u?int(\d+)$/.exec(type)?.[1];
  if (bits === undefined) throw new TypeError(`no sample of ${type}: add one`);
  return Number(bits) <= 48 ? 7 : 7n;
}

describe("CallReverted", () => {
  it("default: the reason tells the arguments' types", () => {
    const error: unknown = new CallReverted(observeCall({ observationLog }), tooEarly);
    if (!(error instanceof CallReverted)) throw error;
    if (error.reason !== "ObservationTooEarly") throw error;
    const [readyAt]: readonly [bigint] = error.args;
    expect(readyAt).toBe(7n);
    expect(error).toBeInstanceOf(Error);
    // @ts-expect-error: no contract has this error
    expect(error.reason === "ObservationTooLate").toBe(false);
    const args: RevertArgs<"AllocationNotNewer"> = [240n, 264n];
    // @ts-expect-error: an index is not a text
    const revert: Revert = { reason: "AllocationNotNewer", args: ["240", args[1]] };
    expect(revert.reason).toBe("AllocationNotNewer");
  });

  it("default: message says call, error, arguments and remedy", () => {
    const error = new CallReverted(observeCall({ observationLog }), tooEarly);
    expect(error.message).toBe(
      `observe at ${observationLog} reverts with ObservationTooEarly(7); nothing was changed: read the state again before another try`,
    );
  });
});

describe("revertDataOf", () => {
  const refusal = (error: { code: number; message: string; data?: Hex }): RpcRequestError =>
    new RpcRequestError({ body: {}, error, url: "http://127.0.0.1" });

  it("default: finds the data a node sent", () => {
    expect(revertDataOf(refusal({ code: 3, message: "execution reverted", data: tooEarly }))).toBe(tooEarly);
  });

  it("behavior: a revert without data is one, trouble is not", () => {
    expect(revertDataOf(refusal({ code: 3, message: "execution reverted" }))).toBe("none");
    expect(revertDataOf(refusal({ code: -32_000, message: "nonce too low" }))).toBeUndefined();
    expect(revertDataOf(new TypeError("fetch failed"))).toBeUndefined();
  });
});

describe("revertOf", () => {
  const call = { abi: observationLogAbi, functionName: "head", args: [1n], contractAddress: observationLog } as const;

  it("default: reads what an action threw, and what viem threw around a node's refusal", () => {
    const error = { code: 3, message: "execution reverted", data: tooEarly };
    const refused = new RpcRequestError({ body: {}, error, url: "http://127.0.0.1" });
    const revert = { reason: "ObservationTooEarly", args: [7n] };
    expect(revertOf(new ContractFunctionExecutionError(refused, call))).toEqual(revert);
    expect(revertOf(new CallReverted(observeCall({ observationLog }), tooEarly))).toEqual(revert);
  });

  it("behavior: other trouble is none", () => {
    expect(revertOf(new TypeError("fetch failed"))).toBeUndefined();
    expect(revertOf("no")).toBeUndefined();
  });
});
