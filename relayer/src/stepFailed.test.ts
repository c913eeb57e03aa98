import { CallReverted, marginEngineAbi, marginTermsAbi, vaultDeskAbi } from "@equipoise/sdk/actions";
import { type Abi, createClient, custom, encodeErrorResult, type Hex, RpcRequestError } from "viem";
import { readContract } from "viem/actions";
import { describe, expect, it } from "vitest";
import { EndpointsDisagree } from "./rpc/quorum.ts";
import { disagreementIn } from "./rpc/transport.ts";
import { eachInTurn, openAttempts, runStep, StepFailed, unlessRefused } from "./stepFailed.ts";

const address = "0x00000000000000000000000000000000000000aa";
const call = { address, functionName: "factsAt" } as const;
const missing: Hex = encodeErrorResult({ abi: marginTermsAbi, errorName: "SnapshotMissing", args: [2n] });
const refusal = new CallReverted(call, missing);
const refuse = (): Promise<never> => Promise.reject(refusal);

/** What a read of viem throws where the contract reverts. */
function refusedRead(data: Hex): Promise<unknown> {
  const error = { code: 3, message: "execution reverted", data };
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

describe("eachInTurn", () => {
  it("default: what came of each, in order", async () => {
    expect(await eachInTurn([1, 2, 3], async (one) => one * 2)).toEqual([2, 4, 6]);
  });

  it("error: the first failure, once all have been tried", async () => {
    const tried: number[] = [];
    const work = async (one: number): Promise<void> => {
      tried.push(one);
      if (one > 1) throw new RangeError(`not ${one}`);
    };
    await expect(eachInTurn([1, 2, 3], work)).rejects.toThrow("not 2");
    expect(tried).toEqual([1, 2, 3]);
  });
});

describe("openAttempts", () => {
  it("default: what came of each; nothing to throw where all went well", async () => {
    const { attempt, end } = openAttempts();
    expect(await attempt("one", async () => 1)).toBe(1);
    expect(end()).toBeUndefined();
  });

  it("error: NotForAll, to be tried again, names each with its reason, whatever that is", async () => {
    const { attempt, end } = openAttempts();
    expect(await attempt("one", refuse)).toBeUndefined();
    expect(await attempt("two", async () => 2)).toBe(2);
    await attempt("three", () => Promise.reject("no"));
    expect(end).toThrow(
      expect.objectContaining({ name: "NotForAll", retry: true, message: `one: ${refusal.message}; three: no` }),
    );
    await expect(runStep("look", async () => end())).rejects.toMatchObject({ retry: true });
  });

  it("error: endpoints that contradict each other are found behind it, wherever they did", async () => {
    const { attempt, end } = openAttempts();
    const disagreement = new EndpointsDisagree(1, "eth_call", []);
    await attempt("one", refuse);
    await attempt("two", () => Promise.reject(new Error("step", { cause: disagreement })));
    const thrown = await runStep("look", async () => end()).catch((error: unknown) => error);
    expect(disagreementIn(thrown)).toBe(disagreement);
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
    ["a mistake of ours", new TypeError("no such thing"), false],
  ])("error: StepFailed that says whether %s may pass", async (_, error, retry) => {
    const cause = await error;
    const failed = runStep("look", () => Promise.reject(cause));
    await expect(failed).rejects.toBeInstanceOf(StepFailed);
    await expect(failed).rejects.toMatchObject({ retry, cause });
  });
});
