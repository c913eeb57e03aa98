import { createPublicClient, custom, decodeFunctionData, encodeFunctionResult, type Hex } from "viem";
import { describe, expect, it } from "vitest";
import { vaultDeskAbi } from "./abi/vaultDesk.ts";
import { readDesk } from "./readDesk.ts";

const vaultDesk = "0x00000000000000000000000000000000000000dd";
const vault = "0x0000000000000000000000000000000000000011";
const auctions = "0x0000000000000000000000000000000000000022";
const account: Hex = `${vaultDesk}${"0".repeat(24)}`;
const deltas = [5n, -6n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] as const;
const reading = { equity: -7n, owned: -9n, uncertainty: 3n, deltas } as const;
const answers: Record<string, unknown> = {
  vault,
  auctions,
  account,
  totalSupply: 11n,
  generation: 2n,
  read: reading,
  spotShare: 750_000n,
  health: 1_500_000n,
};

describe("readDesk", () => {
  it("default: what the desk answers, and its share as what the basket leaves", async () => {
    const request = async ({ params }: { params: readonly [{ readonly to: string; readonly data: Hex }] }) => {
      expect(params[0].to).toBe(vaultDesk);
      const { functionName } = decodeFunctionData({ abi: vaultDeskAbi, data: params[0].data });
      const result = answers[functionName] as never;
      return encodeFunctionResult({ abi: vaultDeskAbi, functionName: functionName as "read", result });
    };
    const client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) });
    expect(await readDesk(client, { vaultDesk })).toEqual({
      vault,
      auctions,
      account,
      supply: 11n,
      generation: 2n,
      ...reading,
      share: 250_000n,
      health: 1_500_000n,
    });
  });
});
