import { createPublicClient, custom, encodeErrorResult, encodeFunctionResult, type Hex } from "viem";
import { describe, expect, it } from "vitest";
import { marginTermsAbi } from "./abi/marginTerms.ts";
import { hasCollateralSnapshot } from "./snapshotCollateral.ts";

const parameters = { marginTerms: "0x0000000000000000000000000000000000000001", epoch: 3n } as const;
/** A node that answers every call alike. */
const node = (answer: () => Hex) =>
  createPublicClient({ transport: custom({ request: async () => answer() }, { retryCount: 0 }) });
const revertWith = (data: Hex) => () => {
  throw Object.assign(new Error("execution reverted"), { code: 3, data });
};

describe("hasCollateralSnapshot", () => {
  it("default: what is kept, and what is not", async () => {
    const words = [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] as const;
    const kept = encodeFunctionResult({ abi: marginTermsAbi, functionName: "factsAt", result: words });
    expect(
      await hasCollateralSnapshot(
        node(() => kept),
        parameters,
      ),
    ).toBe(true);
    const missing = encodeErrorResult({ abi: marginTermsAbi, errorName: "SnapshotMissing", args: [3n] });
    expect(await hasCollateralSnapshot(node(revertWith(missing)), parameters)).toBe(false);
  });

  it("error: another refusal, and a node that does not answer, are not a missing snapshot", async () => {
    const other = encodeErrorResult({ abi: marginTermsAbi, errorName: "LaneUnknown", args: [3n] });
    await expect(hasCollateralSnapshot(node(revertWith(other)), parameters)).rejects.toThrow("LaneUnknown");
    const silent = () => {
      throw new Error("no answer");
    };
    await expect(hasCollateralSnapshot(node(silent), parameters)).rejects.toThrow("no answer");
  });
});
