import { describe, expect, it } from "vitest";
import { checkAllocation } from "../model/allocationRules.ts";
import { unpackObservations } from "../model/returns.ts";
import { LANE_COUNT, WINDOW_LENGTH } from "../protocol.ts";
import {
  SimulatedAssetsOutOfRange,
  simulatedAllocation,
  simulatedRiskState,
  simulatedWindow,
} from "./simulatedStatements.ts";

describe("simulatedWindow", () => {
  it("default: a whole window, the same for the same seed", () => {
    const { observations } = simulatedWindow();
    expect(observations).toHaveLength(WINDOW_LENGTH);
    expect(simulatedWindow()).toEqual(simulatedWindow({ seed: 1, assets: 5 }));
    expect(simulatedWindow({ seed: 2 }).observations).not.toEqual(observations);
  });

  it("behavior: lanes without an asset are still", () => {
    const [, one, two, three] = unpackObservations(simulatedWindow({ assets: 2 }).observations)[0] as bigint[];
    expect(one).not.toBe(0n);
    expect([two, three]).toEqual([0n, 0n]);
  });

  it.each([0, LANE_COUNT + 1, 1.5])("error: SimulatedAssetsOutOfRange for %s", (assets) => {
    expect(() => simulatedWindow({ assets })).toThrow(SimulatedAssetsOutOfRange);
  });
});

describe("simulatedRiskState and simulatedAllocation", () => {
  it("default: the allocation follows from the risk state's own triangle, by the circuit's rules", () => {
    const { facts } = simulatedRiskState();
    const { mandate, allocation, facts: parity } = simulatedAllocation();
    const triangle = facts.covarianceTriangles[mandate.decayIndex] as bigint[];
    expect(parity.covarianceTriangle).toEqual(triangle);
    expect(checkAllocation({ triangle, mandate, allocation })).toBeUndefined();
  });
});
