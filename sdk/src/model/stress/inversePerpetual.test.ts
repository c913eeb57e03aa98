import { describe, expect, it } from "vitest";
import { inversePerpetualPnl, PositionNotFinite, ShockNotAbovePrice } from "./inversePerpetual.ts";

describe("inversePerpetualPnl", () => {
  it("default: a fall costs more coins than the same rise brings", () => {
    expect(inversePerpetualPnl(3, [-0.5, 0, 0.5])).toEqual([-3, 0, 1]);
    expect(inversePerpetualPnl(-1, [0, 1])).toEqual([0, -0.5]);
  });
  it("error: ShockNotAbovePrice, PositionNotFinite", () => {
    for (const shock of [-1, Number.NaN, Infinity])
      expect(() => inversePerpetualPnl(1, [shock])).toThrow(ShockNotAbovePrice);
    expect(() => inversePerpetualPnl(Number.NaN, [0])).toThrow(PositionNotFinite);
  });
});
