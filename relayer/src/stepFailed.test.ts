import { CallReverted, marginEngineAbi, marginTermsAbi, vaultDeskAbi } from "@equipoise/sdk/actions";
import { type Abi, BlockNotFoundError, createClient, custom, encodeErrorResult, type Hex, RpcRequestError } from "viem";
import { readContract } from "viem/actions";
import { describe, expect, it } from "vitest";
import { runStep, StepFailed, unlessRefused } from "./stepFailed.ts";

const address = "0x00000000000000000000000000000000000000aa";
const call = { address, functionName: "factsAt" } as const;
const missing: Hex = encodeErrorResult({ abi: marginTermsAbi, errorName: "SnapshotMissing", args: [2n] });
const refusal = new CallReverted(call, missing);
const refuse = (): Promise<never> => Promise.reject(refusal);

/** What a read of viem throws where the contract reverts. */
const refusedRead = (data: Hex): Promise<unknown> => failedRead({ code: 3, message: "execution reverted", data });
/** … where the node answers with an error. */
function failedRead(error: { code: number; message: string; data?: Hex }): Promise<unknown> {
  const request = () => Promise.reject(new RpcRequestError({ body: {}, error, url: "a node" }));
  const client = createClient({ transport: custom({ request }, { retryCount: 0 }) });
  const read = readContract(client, { address, abi: marginTermsAbi, functionName: "factsAt", args: [2n] });
  return read.catch((failure: unknown) => failure);
}

describe("unlessRefused", () => {
  it("default: what the call comes to, nothing where it is refused for a reason that was named", async () => {
    expect(await unlessRefused(["SnapshotMissing"], async () => 5)).toBe(5);
    expect(await unlessRefused(["EpochUnknown", "SnapshotMissing"], refuse)).toBeUndefined();
  });

  it("error: any other refusal, and what is none", async () => {
    await expect(unlessRefused(["EpochUnknown"], refuse)).rejects.toBe(refusal);
    const other = new TypeError("no such thing");
    await expect(unlessRefused(["SnapshotMissing"], () => Promise.reject(other))).rejects.toBe(other);
  });
});

describe("runStep", () => {
  it.each([
    ["WordsDiffer", marginEngineAbi, [1n]],
    ["AccountLiquidated", vaultDeskAbi, [1n]],
    ["EquityMissing", vaultDeskAbi, [-1n]],
    ["SeriesEnded", vaultDeskAbi, [1n, 2n]],
    ["PartTooLarge", vaultDeskAbi, [2n, 1n]],
  ] as const)("error: StepFailed that may pass for %s", async (errorName, abi, args) => {
    const cause = new CallReverted(call, encodeErrorResult({ abi: abi as Abi, errorName, args }));
    expect(cause.reason).toBe(errorName);
    await expect(runStep("look", () => Promise.reject(cause))).rejects.toMatchObject({ retry: true, cause });
  });

  const unknown: Hex = "0x12345678";
  it.each([
    ["a call that newer facts allow", refusal, true],
    ["a read that newer facts allow", refusedRead(missing), true],
    ["a read that nothing known allows", refusedRead(unknown), false],
    ["a call that nothing known allows", new CallReverted(call, unknown), false],
    ["a read beyond a node's limit", failedRead({ code: -32005, message: "limit exceeded" }), true],
    ["a read of a state that a node has not yet", failedRead({ code: -32000, message: "header not found" }), true],
    ["a read that a node failed to do", failedRead({ code: -32603, message: "Internal error" }), true],
    ["a block that is not there yet, or no more", new BlockNotFoundError({ blockNumber: 5n }), true],
    ["a read that no node does", failedRead({ code: -32602, message: "invalid argument 0" }), false],
    ["a mistake of ours", new TypeError("no such thing"), false],
  ])("error: StepFailed that says whether %s may pass", async (_, error, retry) => {
    const cause = await error;
    const failed = runStep("look", () => Promise.reject(cause));
    await expect(failed).rejects.toBeInstanceOf(StepFailed);
    await expect(failed).rejects.toMatchObject({ retry, cause });
  });
});
