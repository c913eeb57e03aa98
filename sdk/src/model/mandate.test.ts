import { describe, expect, it } from "vitest";
import { packLanes } from "../lanes.ts";
import { DECAYS, PPM, TERMS } from "../protocol.ts";
import {
  AssetCountOutOfRange,
  checkMandate,
  defaultMandate,
  MandateTermOutOfRange,
  packMandate,
  unpackMandate,
} from "./mandate.ts";
import { BudgetsLengthMismatch, BudgetsNotOne, CapsLengthMismatch, CapsNotReachable } from "./riskBudgetingInput.ts";

describe("defaultMandate", () => {
  it("default: valid for 1 to 12 assets", () => {
    for (let assets = 1; assets <= 12; assets++) {
      const mandate = checkMandate(defaultMandate(assets));
      expect(mandate.budgets.reduce((sum, budget) => sum + budget)).toBe(PPM);
      expect(DECAYS[mandate.decayIndex]!.name).toBe("ewma-0.99");
    }
    expect(defaultMandate(3).budgets).toEqual([333_334n, 333_333n, 333_333n]);
  });
  it("error: AssetCountOutOfRange", () => {
    for (const assets of [0, 13, 1.5]) expect(() => defaultMandate(assets)).toThrow(AssetCountOutOfRange);
  });
});

describe("packMandate", () => {
  const mandate = {
    ...defaultMandate(3),
    version: 7n,
    decayIndex: 1,
    shrinkage: 300_000n,
    caps: [PPM, 400_000n, 0n],
    budgets: [500_000n, 500_000n, 0n],
  };
  it("default: lanes in the order of TERMS", () => {
    const words = packMandate(mandate);
    expect(words.terms).toBe(packLanes(TERMS.map((term) => BigInt(mandate[term]))));
    expect(words.terms & 0x1fffffn).toBe(7n);
  });
  it("behavior: unpacks to the same mandate", () => {
    expect(unpackMandate(packMandate(mandate), 3)).toEqual(mandate);
  });
  it("behavior: unlisted lanes have budget 0 and cap 0", () => {
    const all = unpackMandate(packMandate(mandate));
    expect(all.budgets).toHaveLength(12);
    expect(all.caps.slice(3)).toEqual(new Array(9).fill(0n));
  });
  it("error: BudgetsLengthMismatch when a budget lies beyond the assets read", () => {
    expect(() => unpackMandate(packMandate(mandate), 1)).toThrow(BudgetsLengthMismatch);
  });
});

describe("checkMandate", () => {
  const good = defaultMandate(2);
  it("error: BudgetsNotOne says the sum", () => {
    expect(() => checkMandate({ ...good, budgets: [500_000n, 500_001n] })).toThrow(BudgetsNotOne);
    expect(() => checkMandate({ ...good, budgets: [500_000n, 500_001n] })).toThrow(
      /1000001 ppm and must sum to 1000000 ppm/,
    );
  });
  it("error: CapsNotReachable counts budgeted assets only", () => {
    expect(() => checkMandate({ ...good, caps: [500_000n, 499_999n] })).toThrow(CapsNotReachable);
    expect(() => checkMandate({ ...good, budgets: [PPM, 0n], caps: [999_999n, PPM] })).toThrow(CapsNotReachable);
  });
  it("error: CapsLengthMismatch", () =>
    expect(() => checkMandate({ ...good, caps: [PPM] })).toThrow(CapsLengthMismatch));
  it("error: AssetCountOutOfRange", () =>
    expect(() => checkMandate({ ...good, budgets: [] })).toThrow(AssetCountOutOfRange));
  it("error: MandateTermOutOfRange for every term", () => {
    for (const wrong of [
      { version: 0n },
      { decayIndex: 4 },
      { decayIndex: 0.5 },
      { shrinkage: PPM + 1n },
      { maxExposure: 2n * PPM + 1n },
      { targetVolatility: 1n << 21n },
      { tolerance: 0n },
      { driftBand: PPM + 1n },
      { priceRangeMultiple: 1n << 21n },
      { maxPriceRange: PPM },
      { maxTrade: 0n },
      { budgets: [-1n, PPM + 1n] },
      { caps: [PPM + 1n, PPM] },
    ]) {
      expect(() => checkMandate({ ...good, ...wrong }), JSON.stringify(Object.keys(wrong))).toThrow(
        MandateTermOutOfRange,
      );
    }
  });
});
