import { CallReverted, marginTermsAbi } from "@equipoise/sdk/actions";
import { encodeErrorResult } from "viem";
import { describe, expect, it } from "vitest";
import { eachInTurn, openAttempts } from "./attempts.ts";
import { ProofAwaited } from "./pipeline/proverPort.ts";
import { EndpointsDisagree } from "./rpc/quorum.ts";
import { disagreementIn } from "./rpc/transport.ts";
import { runStep } from "./stepFailed.ts";

const address = "0x00000000000000000000000000000000000000aa";
const missing = encodeErrorResult({ abi: marginTermsAbi, errorName: "SnapshotMissing", args: [2n] });
const refusal = new CallReverted({ address, functionName: "factsAt" }, missing);
const refuse = (): Promise<never> => Promise.reject(refusal);

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

  it("error: ProofAwaited where something waits for a proof and nothing has failed", async () => {
    const { attempt, end } = openAttempts();
    const tried: string[] = [];
    const order = (name: string) => () => {
      tried.push(name);
      return Promise.reject(new ProofAwaited(name));
    };
    await attempt("one", order("riskArray"));
    await attempt("two", order("margin"));
    expect(tried).toEqual(["riskArray", "margin"]);
    const thrown = await runStep("look", async () => end()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ProofAwaited);
    expect((thrown as Error).message).toContain("a riskArray proof");
    await attempt("three", refuse);
    expect(end).toThrow(expect.objectContaining({ name: "NotForAll", message: `three: ${refusal.message}` }));
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

describe("eachInTurn", () => {
  it("default: what came of each, in order", async () => {
    expect(await eachInTurn([1, 2, 3], String, async (one) => one * 2)).toEqual([2, 4, 6]);
  });

  it("error: NotForAll, once all have been tried", async () => {
    const tried: number[] = [];
    const work = async (one: number): Promise<void> => {
      tried.push(one);
      if (one > 1) throw new RangeError(`not ${one}`);
    };
    const failed = { name: "NotForAll", message: "2: not 2; 3: not 3", retry: true };
    await expect(eachInTurn([1, 2, 3], String, work)).rejects.toMatchObject(failed);
    expect(tried).toEqual([1, 2, 3]);
  });
});
