import { LANE_BITS, LANE_COUNT, LANE_LIMIT, MAX_RETURN, SIGNED_OFFSET, WORD_LIMIT } from "./protocol.ts";

/** A lane value does not fit its 21 bits. */
export class LaneOutOfRange extends Error {
  override name = "LaneOutOfRange";
  constructor(lane: number, value: bigint, minimum: bigint, maximum: bigint) {
    super(`lane ${lane} holds ${value}; a lane holds ${minimum} to ${maximum}: scale or saturate the value first`);
  }
}

/** A word has bits above its twelve lanes, or is negative. */
export class WordOutOfRange extends Error {
  override name = "WordOutOfRange";
  constructor(word: bigint) {
    super(`word ${word} is not in 0 to 2^252 - 1: it does not hold twelve lanes; read it again from its source`);
  }
}

/**
 * Packs unsigned lanes into a word, lane 0 lowest; missing lanes are 0.
 * @param lanes at most 12 integers in [0, 2²¹)
 */
export function packLanes(lanes: readonly bigint[]): bigint {
  if (lanes.length > LANE_COUNT) throw new LaneOutOfRange(lanes.length - 1, lanes.at(-1) ?? 0n, 0n, LANE_LIMIT - 1n);
  return lanes.reduce((word, value, lane) => {
    if (value < 0n || value >= LANE_LIMIT) throw new LaneOutOfRange(lane, value, 0n, LANE_LIMIT - 1n);
    return word | (value << BigInt(LANE_BITS * lane));
  }, 0n);
}

/** The twelve unsigned lanes of a word. */
export function unpackLanes(word: bigint): bigint[] {
  if (word < 0n || word >= WORD_LIMIT) throw new WordOutOfRange(word);
  return Array.from({ length: LANE_COUNT }, (_, lane) => (word >> BigInt(LANE_BITS * lane)) & (LANE_LIMIT - 1n));
}

/** Packs signed lanes, each stored as value + 2²⁰. Missing lanes stay 0 as stored, not as value. */
export function packSignedLanes(lanes: readonly bigint[]): bigint {
  return packLanes(
    lanes.map((value, lane) => {
      if (value < -SIGNED_OFFSET || value > MAX_RETURN) {
        throw new LaneOutOfRange(lane, value, -SIGNED_OFFSET, MAX_RETURN);
      }
      return value + SIGNED_OFFSET;
    }),
  );
}

/** The first `count` signed lanes of a word. */
export function unpackSignedLanes(word: bigint, count: number = LANE_COUNT): bigint[] {
  return unpackLanes(word)
    .slice(0, count)
    .map((lane) => lane - SIGNED_OFFSET);
}
