import { describe, expect, it } from "vitest";
import { ScanFigureInvalid, ScanLengthMismatch, scanningRisk } from "./scanningRisk.ts";

describe("scanningRisk", () => {
  it("default: a hedge nets scenario by scenario", () => {
    const legs = [
      { quantity: 2, riskArray: [10, -10, 5] },
      { quantity: -1, riskArray: [18, -25, 30] },
    ];
    expect(scanningRisk(legs)).toEqual({ pnl: [2, 5, -20], scanningRisk: 20, worst: 2 });
    expect(scanningRisk([{ quantity: 1, riskArray: [3, 4] }])).toMatchObject({ scanningRisk: 0, worst: 0 });
  });
  it("error: ScanLengthMismatch, ScanFigureInvalid", () => {
    expect(() => scanningRisk([])).toThrow(ScanLengthMismatch);
    const leg = { quantity: 1, riskArray: [1, 2] };
    expect(() => scanningRisk([leg, { quantity: 1, riskArray: [1] }])).toThrow(ScanLengthMismatch);
    expect(() => scanningRisk([leg, { quantity: Number.NaN, riskArray: [1, 2] }])).toThrow(ScanFigureInvalid);
    expect(() => scanningRisk([{ quantity: 1, riskArray: [1, Infinity] }])).toThrow(ScanFigureInvalid);
  });
});
