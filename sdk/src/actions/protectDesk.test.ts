import { decodeFunctionData } from "viem";
import { describe, expect, it } from "vitest";
import { deskAuctionsAbi } from "./abi/deskAuctions.ts";
import { applyProtectionCall, markOptionsCall, scheduleProtectionCall } from "./protectDesk.ts";

const deskAuctions = "0x00000000000000000000000000000000000000dd";
const asked = ({ data }: { data: `0x${string}` }) => decodeFunctionData({ abi: deskAuctionsAbi, data });

describe("markOptionsCall", () => {
  it("default: a bit for each place, once, and all words", () => {
    const call = markOptionsCall({ deskAuctions, array: 2, places: [15, 1, 15], words: [7n, 8n] });
    expect(call.address).toBe(deskAuctions);
    expect(asked(call)).toEqual({ functionName: "markOptions", args: [2n, 0b1000_0000_0000_0010n, [7n, 8n]] });
  });
});

describe("scheduleProtectionCall", () => {
  it("default: what is asked for, by name", () => {
    const protection = { gamma: 10_000, vega: 600, premium: 30_000 };
    const call = scheduleProtectionCall({ deskAuctions, protection });
    expect(asked(call)).toEqual({ functionName: "scheduleProtection", args: [protection] });
    expect(asked(applyProtectionCall({ deskAuctions })).functionName).toBe("applyProtection");
  });
});
