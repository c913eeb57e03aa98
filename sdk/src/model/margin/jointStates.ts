import { packLanes, unpackLanes } from "../../lanes.ts";
import { ARRAY_COUNT, LANE_COUNT, PPM, pairCount, SPOT_STEPS } from "../../protocol.ts";
import { divideUp, magnitude } from "../integers.ts";
import { SIGNS } from "./scenarios.ts";

/** Lanes of the words `jointStates`. */
export const JOINT_STATE_COUNT = SIGNS.length * ARRAY_COUNT ** 2;

/** An array's underlying is no lane of the risk state, or its step is 0. */
export class JointArrayInvalid extends Error {
  override name = "JointArrayInvalid";
  constructor(array: number, underlying: number, assets: number, step: bigint) {
    super(
      `array ${array} has underlying ${underlying} and step ${step} ppm; a risk state of ${assets} assets has underlyings ` +
        `0 to ${assets - 1}, and a step is at least 1: take both from the array's words`,
    );
  }
}

/** A level of jointStates that is no spot level. */
export class JointLevelOutOfRange extends Error {
  override name = "JointLevelOutOfRange";
  constructor(place: number, level: bigint | number) {
    super(`joint state ${place} is spot level ${level}; it is 0 to ${2 * SPOT_STEPS}: compute it by rule J-2`);
  }
}

export type JointStatesParameters = {
  /** {ppm} volatilities of an underlying that it moves by, times √(observations in the horizon) */
  readonly multiple: bigint;
  /** {ppm per observation} of the risk state */
  readonly volatilities: readonly bigint[];
  /** {ppm} of the risk state, pairs i < j row major */
  readonly correlations: readonly bigint[];
  /** per array: its underlying's lane in the risk state, and the array's step {ppm}; undefined: no array */
  readonly arrays: readonly ({ readonly underlying: number; readonly step: bigint } | undefined)[];
};

/**
 * Spot levels of the joint scenarios, rules J-1 and J-2.
 * @returns 32 levels, 0 to 6, in the order of the lanes
 */
export function jointStates({ multiple, volatilities, correlations, arrays }: JointStatesParameters): number[] {
  const assets = volatilities.length;
  if (correlations.length !== pairCount(assets)) {
    throw new RangeError(
      `${correlations.length} correlations for ${assets} assets, which have ${pairCount(assets)}: pass all of the state`,
    );
  }
  arrays.forEach((array, place) => {
    if (array === undefined) return;
    const { underlying, step } = array;
    if (volatilities[underlying] === undefined || step < 1n) {
      throw new JointArrayInvalid(place, underlying, assets, step);
    }
  });
  const correlation = (i: number, j: number): bigint => {
    if (i === j) return PPM;
    const [first, second] = i < j ? [i, j] : [j, i];
    return correlations[first * assets - (first * (first + 1)) / 2 + (second - first - 1)] as bigint;
  };
  return Array.from({ length: JOINT_STATE_COUNT }, (_, place) => {
    const up = place >= ARRAY_COUNT ** 2;
    const leader = arrays[Math.floor(place / ARRAY_COUNT) % ARRAY_COUNT];
    const array = arrays[place % ARRAY_COUNT];
    if (leader === undefined || array === undefined) return SPOT_STEPS;
    const rho = correlation(leader.underlying, array.underlying);
    const size = multiple * magnitude(rho) * (volatilities[array.underlying] as bigint);
    const steps = divideUp(size, PPM * PPM * array.step);
    const level = steps > BigInt(SPOT_STEPS) ? SPOT_STEPS : Number(steps);
    return up === rho >= 0n ? SPOT_STEPS + level : SPOT_STEPS - level;
  });
}

/** The words `jointStates`. */
export function packJointStates(levels: readonly number[]): bigint[] {
  if (levels.length !== JOINT_STATE_COUNT) {
    throw new RangeError(`${levels.length} joint states; there are ${JOINT_STATE_COUNT}: pass one for each lane`);
  }
  levels.forEach((level, place) => {
    if (!Number.isInteger(level) || level < 0 || level > 2 * SPOT_STEPS) throw new JointLevelOutOfRange(place, level);
  });
  return Array.from({ length: Math.ceil(levels.length / LANE_COUNT) }, (_, word) =>
    packLanes(levels.slice(word * LANE_COUNT, (word + 1) * LANE_COUNT).map(BigInt)),
  );
}

/** The levels behind the words `jointStates`. */
export function unpackJointStates(words: readonly bigint[]): number[] {
  const lanes = words.flatMap((word) => unpackLanes(word));
  lanes.forEach((level, place) => {
    const limit = place < JOINT_STATE_COUNT ? BigInt(2 * SPOT_STEPS) : 0n;
    if (level > limit) throw new JointLevelOutOfRange(place, level);
  });
  return lanes.slice(0, JOINT_STATE_COUNT).map(Number);
}
