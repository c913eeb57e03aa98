import type { Statement } from "@equipoise/sdk";
import { CallReverted, clearingHouseAbi, type Sent } from "@equipoise/sdk/actions";
import { encodeErrorResult } from "viem";
import { beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "../store/store.ts";
import { useProof } from "./useProof.ts";

const statement: Statement = { circuit: "solvency", words: [], commitment: 7n, challenge: 1n, evaluation: 2n };
const proof = {
  a: [1n, 2n],
  b: [
    [1n, 2n],
    [3n, 4n],
  ],
  c: [1n, 2n],
} as never;
const data = encodeErrorResult({ abi: clearingHouseAbi, errorName: "StatementNotProven" });
const disbelieved = new CallReverted(
  { address: "0x00000000000000000000000000000000000000aa", functionName: "prove" },
  data,
);
const sent = { gasUsed: 1n } as Sent;

let store: Store;
let made: number;
const sources = () => ({
  store,
  prover: {
    prove: async () => {
      made += 1;
      return { proof, witnessMs: 1, proveMs: 2 };
    },
  },
});
beforeEach(async () => {
  made = 0;
  store = openStore();
  await store.keepProof("solvency", 7n, { proof, witnessMs: 1, proveMs: 2 });
});

describe("useProof", () => {
  it("behavior: a kept proof that the chain does not believe is made anew, once", async () => {
    let asked = 0;
    const send = async (): Promise<Sent> => {
      if (asked++ === 0) throw disbelieved;
      return sent;
    };
    expect((await useProof(sources(), statement, {}, send)).proof.reused).toBe(false);
    expect(made).toBe(1);
    asked = 0;
    await store.forgetProof("solvency", 7n);
    await expect(useProof(sources(), statement, {}, () => Promise.reject(disbelieved))).rejects.toBe(disbelieved);
  });

  it("error: to be tried again where the statement is of before: its proof is kept, and no other is made", async () => {
    const send = () => Promise.reject(disbelieved);
    const used = useProof(sources(), statement, {}, send, async () => false);
    await expect(used).rejects.toMatchObject({ name: "StepFailed", retry: true, cause: disbelieved });
    expect(made).toBe(0);
    expect(await store.proof("solvency", 7n)).toBeDefined();
  });
});
