import { describe, expect, it } from "vitest";
import { DECAYS, SIGNED_OFFSET } from "../protocol.ts";
import { packObservation, unpackObservations } from "./returns.ts";
import { riskFigures } from "./riskState.ts";

describe("riskFigures", () => {
  it("default: 78 entries for each decay, 66 correlations in six words", () => {
    const returns = unpackObservations(
      Array.from({ length: 240 }, (_, t) => packObservation([BigInt(t) - 120n, 50n, -BigInt(t)])),
    );
    const figures = riskFigures(returns);
    expect(figures.triangles.map((triangle) => triangle.length)).toEqual(DECAYS.map(() => 78));
    expect(figures.correlations).toHaveLength(66);
    expect(figures.correlationsWords).toHaveLength(6);
    // Lanes 3 to 11 never move: their volatility is 0 and so are their correlations.
    expect(figures.volatilitiesWord >> 63n).toBe(0n);
    expect(figures.correlations.slice(2, 11)).toEqual(new Array(9).fill(0n));
    expect(figures.correlationsWords[5]! & (2n * SIGNED_OFFSET - 1n)).toBe(SIGNED_OFFSET);
  });
});
