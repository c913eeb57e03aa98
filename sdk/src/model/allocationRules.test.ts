import { describe, expect, it } from "vitest";
import { PPM } from "../protocol.ts";
import { allocate } from "./allocation.ts";
import { checkAllocation } from "./allocationRules.ts";
import { covarianceTriangle } from "./covariance.ts";
import { defaultMandate, type Mandate } from "./mandate.ts";
import { seededMarket } from "./seededMarket.ts";

function mandateOf(assets: number, change: Partial<Mandate> = {}): Mandate {
  return { ...defaultMandate(assets), ...change };
}

describe("checkAllocation", () => {
  const triangle = covarianceTriangle(seededMarket(50, 4), 2);
  const mandate = mandateOf(4, {
    caps: [200_000n, PPM, PPM, PPM],
    targetVolatility: 2_000n,
    budgets: [400_000n, 300_000n, 300_000n, 0n],
  });
  const sound = allocate({ triangle, decayIndex: 2, mandate });
  const judge = (change: Partial<typeof sound>, other: Partial<Mandate> = {}) =>
    checkAllocation({ triangle, mandate: { ...mandate, ...other }, allocation: { ...sound, ...change } })?.rule;
  const shifted = (from: number, to: number, by: bigint): bigint[] =>
    sound.weights.map((weight, i) => weight + (i === to ? by : i === from ? -by : 0n));

  it("default: accepts what allocate returns", () => expect(judge({})).toBeUndefined());
  it("behavior: P-1 lanes and their number", () => {
    expect(judge({ weights: sound.weights.slice(1) })).toBe("P-1");
    expect(judge({ exposure: 1n << 21n })).toBe("P-1");
    expect(judge({ weights: [-1n, ...sound.weights.slice(1)] })).toBe("P-1");
  });
  it("behavior: P-4 sum, caps, budgets", () => {
    expect(judge({ weights: shifted(0, 0, 1n).map((w, i) => (i === 1 ? w + 1n : w)) })).toBe("P-4");
    expect(judge({ weights: shifted(1, 0, 1n) })).toBe("P-4");
    expect(judge({ weights: shifted(1, 3, 1n) })).toBe("P-4");
    expect(judge({}, { budgets: [400_000n, 300_000n, 300_001n, 0n] })).toBe("P-4");
  });
  it("behavior: P-3 wrong shares, a wrong κ, and a cap that is not reached", () => {
    expect(judge({ weights: shifted(1, 2, 500n) })).toBe("P-3");
    expect(judge({ kappa: sound.kappa * 2n })).toBe("P-3");
    expect(judge({ kappa: 0n })).toBe("P-3");
    // below its cap an asset has to carry its whole budget
    expect(judge({}, { caps: [200_001n, PPM, PPM, PPM] })).toBe("P-3");
  });
  it("behavior: P-5 is exact on both sides", () => {
    expect(judge({ portfolioVolatility: sound.portfolioVolatility + 1n })).toBe("P-5");
    expect(judge({ portfolioVolatility: sound.portfolioVolatility - 1n })).toBe("P-5");
  });
  it("behavior: P-6 too much, too little, above the limit", () => {
    expect(judge({ exposure: sound.exposure + 1n })).toBe("P-6");
    expect(judge({ exposure: sound.exposure - 1n })).toBe("P-6");
    expect(judge({}, { maxExposure: sound.exposure - 1n })).toBe("P-6");
  });
});
