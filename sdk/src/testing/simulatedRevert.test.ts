import { describe, expect, it } from "vitest";
import { CallReverted, decodeRevert } from "../actions/callReverted.ts";
import { revertDataFor, simulatedRevert } from "./simulatedRevert.ts";

describe("simulatedRevert", () => {
  it("default: what an action would throw, typed by its reason", () => {
    const error = simulatedRevert("AllocationNotNewer", [240n, 264n]);
    expect(error).toBeInstanceOf(CallReverted);
    expect(error.message).toContain("AllocationNotNewer(240, 264)");
    const [index]: readonly [bigint, bigint] = error.args;
    expect(index).toBe(240n);
  });

  it("behavior: the same name in two contracts keeps its arguments apart", () => {
    const account = `0x${"ab".repeat(32)}` as const;
    const caller = "0x00000000000000000000000000000000000000AA";
    expect(decodeRevert(revertDataFor("NotOwner", [caller]))).toEqual({ reason: "NotOwner", args: [caller] });
    expect(decodeRevert(revertDataFor("NotOwner", [caller, account])).args).toEqual([caller, account]);
  });

  it("error: arguments of another reason are refused by the compiler", () => {
    // @ts-expect-error: the index is missing
    expect(() => revertDataFor("AllocationNotNewer", [240n])).toThrow();
  });
});
