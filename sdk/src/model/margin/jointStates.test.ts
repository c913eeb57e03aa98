import { describe, expect, it } from "vitest";
import { PPM } from "../../protocol.ts";
import {
  JOINT_STATE_COUNT,
  JointArrayInvalid,
  JointLevelOutOfRange,
  jointStates,
  packJointStates,
  unpackJointStates,
} from "./jointStates.ts";

/** three assets; the second follows the first, the third moves against it */
const STATE = {
  multiple: 10n * PPM,
  volatilities: [6_000n, 8_000n, 5_000n],
  correlations: [750_000n, -400_000n, 0n],
};
const at = (levels: readonly number[], sign: number, a: number, b: number) => levels[16 * sign + 4 * a + b];

describe("jointStates", () => {
  const arrays = [0, 1, 2, 0].map((underlying) => ({ underlying, step: 20_000n }));
  const levels = jointStates({ ...STATE, arrays });

  it("default: own moves, followers, and those that move against", () => {
    // ten volatilities of the first are 3 steps of 20,000
    expect(at(levels, 1, 0, 0)).toBe(6);
    // 0.75 · 80,000 ppm is 3 steps, −0.4 · 50,000 is one down, kin move as the first does
    expect([1, 2, 3].map((b) => at(levels, 1, 0, b))).toEqual([6, 2, 6]);
    // led by the third: 0.4 · 60,000 ppm is 1.2 steps, rounded outwards; the second does not care
    expect([0, 1, 2].map((b) => at(levels, 1, 2, b))).toEqual([1, 3, 6]);
  });

  it("behavior: the signs mirror each other", () => {
    for (let place = 0; place < 16; place++) expect(levels[place]! + levels[16 + place]!).toBe(6);
  });

  it("behavior: a move of one ppm more than whole steps takes another step, and three are the most", () => {
    const own = (volatility: bigint) =>
      at(jointStates({ ...STATE, multiple: PPM, volatilities: [volatility, 0n, 0n], arrays }), 1, 0, 0);
    expect([0n, 1n, 20_000n, 20_001n, 40_000n, 40_001n, 60_001n, 1_000_000n].map(own)).toEqual([
      3, 4, 4, 5, 5, 6, 6, 6,
    ]);
  });

  it("behavior: a correlation of 0, or no array, is no move", () => {
    const missing = jointStates({ ...STATE, arrays: [arrays[0], undefined, arrays[2]] });
    for (const b of [1, 3]) expect(at(missing, 1, 0, b)).toBe(3);
    for (const b of [0, 1, 2, 3]) expect(at(missing, 0, 1, b)).toBe(3);
    expect(at(missing, 1, 0, 2)).toBe(2);
  });

  it("error: JointArrayInvalid", () => {
    for (const array of [
      { underlying: 3, step: 1n },
      { underlying: 0, step: 0n },
    ]) {
      expect(() => jointStates({ ...STATE, arrays: [array] })).toThrow(JointArrayInvalid);
    }
  });
});

describe("packJointStates", () => {
  const levels = Array.from({ length: JOINT_STATE_COUNT }, (_, place) => place % 7);

  it("default: there and back", () => {
    expect(unpackJointStates(packJointStates(levels))).toEqual(levels);
  });

  it("error: JointLevelOutOfRange", () => {
    expect(() => packJointStates(levels.with(5, 7))).toThrow(JointLevelOutOfRange);
    const words = packJointStates(levels);
    expect(() => unpackJointStates([words[0]! + 7n, words[1]!, words[2]!])).toThrow(JointLevelOutOfRange);
    expect(() => unpackJointStates([words[0]!, words[1]!, words[2]! + (1n << 168n)])).toThrow(JointLevelOutOfRange);
  });
});
