import { describe, expect, it } from "vitest";
import { PPM, PPT } from "../protocol.ts";
import { tradeCash, tradeFeeOf } from "./orderCash.ts";

/** {ppt of a dollar} not a whole number of ppm of a dollar for odd quantities */
const PRICE = 1_234n * PPT + 567_890_123n;

describe("tradeCash", () => {
  it("default: price times quantity", () => {
    expect(tradeCash({ buys: true, price: 3n * PPT }, 0n, 2n * PPM)).toBe(6n * PPM);
  });

  it("behavior: whatever the parts, a buying maker pays the floor of the whole and a selling one gets the ceiling", () => {
    const parts = [1n, 7n, 999_999n, 3n, 12_345n];
    const whole = parts.reduce((sum, part) => sum + part, 0n);
    const exact = PRICE * whole;
    for (const buys of [true, false]) {
      let filled = 0n;
      let paid = 0n;
      for (const part of parts) {
        paid += tradeCash({ buys, price: PRICE }, filled, part);
        filled += part;
      }
      expect(paid).toBe(buys ? exact / PPT : exact / PPT + 1n);
    }
  });
});

describe("tradeFeeOf", () => {
  it("default: rounded up", () => {
    expect(tradeFeeOf(10_000n, 300n)).toBe(3n);
    expect(tradeFeeOf(10_001n, 300n)).toBe(4n);
    expect(tradeFeeOf(0n, 300n)).toBe(0n);
  });
});
