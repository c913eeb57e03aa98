import { decodeFunctionData } from "viem";
import { describe, expect, it } from "vitest";
import { deskAuctionsAbi } from "./abi/deskAuctions.ts";
import { NO_MARGIN_PROOF } from "./marginProof.ts";
import type { Order } from "./signOrder.ts";
import { fillDeskAuctionCall, openDeskAuctionCall } from "./tradeDesk.ts";

const deskAuctions = "0x00000000000000000000000000000000000000dd";
const order: Order = {
  account: `0x${"12".repeat(32)}`,
  series: 3,
  kind: "put",
  expiry: 9n,
  strike: 8n,
  buys: false,
  quantity: 50n,
  price: 20n,
  maxFee: 300n,
  deadline: 7n,
  salt: 6n,
};
const asked = ({ data }: { data: `0x${string}` }) => decodeFunctionData({ abi: deskAuctionsAbi, data });

describe("fillDeskAuctionCall", () => {
  it("default: the taker's order with its kind as the chain counts it, its proof, and the desk's", () => {
    const proof = { ...NO_MARGIN_PROOF, commitment: 5n };
    const taker = { order, signature: "0xab", proof: NO_MARGIN_PROOF } as const;
    const call = fillDeskAuctionCall({ deskAuctions, series: 3, quantity: 40n, price: 21n, taker, proof });
    expect(call.address).toBe(deskAuctions);
    const { functionName, args = [] } = asked(call);
    expect(functionName).toBe("fill");
    const [series, quantity, price, side, desk] = args;
    expect([series, quantity, price]).toEqual([3n, 40n, 21n]);
    expect(side).toMatchObject({
      signature: "0xab",
      order: { series: 3n, kind: 2n, buys: false, quantity: 50n, price: 20n },
    });
    expect(desk).toMatchObject({ commitment: 5n });
  });
});

describe("openDeskAuctionCall", () => {
  it("default: the series", () => {
    expect(asked(openDeskAuctionCall({ deskAuctions, series: 16 }))).toEqual({ functionName: "open", args: [16n] });
  });
});
