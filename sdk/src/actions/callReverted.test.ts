import { encodeErrorResult, type Hex, parseAbi, RpcRequestError } from "viem";
import { describe, expect, it } from "vitest";
import { observationLogAbi } from "./abi/observationLog.ts";
import { CallReverted, decodeRevert, revertDataOf } from "./callReverted.ts";
import { layerZeroErrorAbi } from "./layerZeroErrors.ts";
import { observeCall } from "./observe.ts";

const observationLog = "0x00000000000000000000000000000000000000aa";
const tooEarly = encodeErrorResult({ abi: observationLogAbi, errorName: "ObservationTooEarly", args: [7n] });

describe("decodeRevert", () => {
  it("default: names an error of the called contract with its arguments", () => {
    expect(decodeRevert(tooEarly, observationLogAbi)).toEqual({ reason: "ObservationTooEarly", args: [7n] });
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

  it("behavior: says what it can of the rest", () => {
    expect(decodeRevert(undefined).reason).toBe("NoReason");
    expect(decodeRevert("0x").reason).toBe("NoReason");
    expect(decodeRevert("0x12345678")).toEqual({ reason: "unknown error 0x12345678", args: ["0x12345678"] });
  });
});

describe("CallReverted", () => {
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
