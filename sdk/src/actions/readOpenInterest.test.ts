import {
  createPublicClient,
  custom,
  decodeFunctionData,
  encodeErrorResult,
  encodeFunctionResult,
  type Hex,
} from "viem";
import { describe, expect, it } from "vitest";
import { clearingHouseAbi } from "./abi/clearingHouse.ts";
import { marginTermsAbi } from "./abi/marginTerms.ts";
import { readOpenInterest } from "./readOpenInterest.ts";

const parameters = {
  clearingHouse: "0x0000000000000000000000000000000000000001",
  marginTerms: "0x0000000000000000000000000000000000000002",
} as const;

/** A node with a house that holds as many contracts of a series as its number says, and limits of array 1 alone. */
const client = createPublicClient({
  transport: custom(
    {
      request: async ({ params }: { params: [{ to: Hex; data: Hex }] }) => {
        const [{ to, data }] = params;
        if (to === parameters.clearingHouse) {
          const { functionName, args } = decodeFunctionData({ abi: clearingHouseAbi, data });
          if (functionName !== "openInterest") throw new Error(functionName);
          return encodeFunctionResult({ abi: clearingHouseAbi, functionName, result: args[0] });
        }
        const { functionName, args } = decodeFunctionData({ abi: marginTermsAbi, data });
        if (functionName !== "positionLimits") throw new Error(functionName);
        if (args[0] === 1n) {
          const result = { openInterest: 20n, account: 8n };
          return encodeFunctionResult({ abi: marginTermsAbi, functionName, result });
        }
        const refusal = encodeErrorResult({ abi: marginTermsAbi, errorName: "ArrayUnknown", args: [args[0]] });
        throw Object.assign(new Error("execution reverted"), { code: 3, data: refusal });
      },
    },
    { retryCount: 0 },
  ),
});

describe("readOpenInterest", () => {
  it.each([16, 31])("default: series %i has the limits of its array", async (series) => {
    const found = await readOpenInterest(client, { ...parameters, series });
    expect(found).toEqual({ held: BigInt(series), limit: 20n, accountLimit: 8n });
  });

  it.each([15, 32])("error: series %i is another array's", async (series) => {
    await expect(readOpenInterest(client, { ...parameters, series })).rejects.toThrow("ArrayUnknown");
  });
});
