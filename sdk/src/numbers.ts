import { WordOutOfRange } from "./lanes.ts";
import { LANE_BITS, LANE_COUNT, PAIR_LANES, QUAD_LANES, TRIPLE_LANES, WORD_LIMIT } from "./protocol.ts";

/** Lanes of each kind of number: docs/clearing.md, N-1. */
export const NUMBER_LANES = { lane: 1, pair: PAIR_LANES, triple: TRIPLE_LANES, quad: QUAD_LANES } as const;
/** How many lanes a number takes, by name. */
export type NumberKind = keyof typeof NUMBER_LANES;

/** A value does not fit the lanes of its kind. */
export class NumberOutOfRange extends Error {
  override name = "NumberOutOfRange";
  constructor(kind: string, lane: number, value: bigint, minimum: bigint, maximum: bigint) {
    super(`${kind} at lane ${lane} holds ${value}; it holds ${minimum} to ${maximum}: scale or bound the value first`);
  }
}

/** A number would reach beyond the twelve lanes of a word, or overlap another. */
export class NumberMisplaced extends Error {
  override name = "NumberMisplaced";
  constructor(kind: NumberKind, lane: number) {
    super(
      `a ${kind} at lane ${lane} takes lanes ${lane} to ${lane + NUMBER_LANES[kind] - 1}; a word has lanes 0 to ` +
        `${LANE_COUNT - 1}, each for one number: place it as the protocol says`,
    );
  }
}

const shiftOf = (lane: number): bigint => BigInt(LANE_BITS * lane);

/** Numbers of a kind are below this. */
export const numberLimit = (kind: NumberKind): bigint => 1n << shiftOf(NUMBER_LANES[kind]);
/** A signed number of a kind holds value + this. */
export const signedOffset = (kind: NumberKind): bigint => numberLimit(kind) >> 1n;

function checkPlace(kind: NumberKind, lane: number): void {
  if (!Number.isInteger(lane) || lane < 0 || lane + NUMBER_LANES[kind] > LANE_COUNT) {
    throw new NumberMisplaced(kind, lane);
  }
}

/**
 * A number where it stands in a word, to be added to what other lanes hold.
 * @param lane its lowest lane
 * @throws NumberOutOfRange, NumberMisplaced
 */
export function placeNumber(kind: NumberKind, lane: number, value: bigint): bigint {
  checkPlace(kind, lane);
  const limit = numberLimit(kind);
  if (value < 0n || value >= limit) throw new NumberOutOfRange(kind, lane, value, 0n, limit - 1n);
  return value << shiftOf(lane);
}

/** The same for a signed number, held as value + half of its range. */
export function placeSigned(kind: NumberKind, lane: number, value: bigint): bigint {
  checkPlace(kind, lane);
  const offset = signedOffset(kind);
  if (value < -offset || value >= offset) {
    throw new NumberOutOfRange(`signed ${kind}`, lane, value, -offset, offset - 1n);
  }
  return (value + offset) << shiftOf(lane);
}

/**
 * The number whose lowest lane is `lane`.
 * @throws WordOutOfRange, NumberMisplaced
 */
export function readNumber(kind: NumberKind, lane: number, word: bigint): bigint {
  checkPlace(kind, lane);
  if (word < 0n || word >= WORD_LIMIT) throw new WordOutOfRange(word);
  return (word >> shiftOf(lane)) & (numberLimit(kind) - 1n);
}

/** The same for a signed number. */
export const readSigned = (kind: NumberKind, lane: number, word: bigint): bigint =>
  readNumber(kind, lane, word) - signedOffset(kind);

/** One number of a word that mixes kinds. */
export type PlacedNumber = {
  readonly kind: NumberKind;
  /** its lowest lane */
  readonly lane: number;
  readonly value: bigint;
  readonly signed?: boolean;
};

/**
 * A word of numbers of several kinds; lanes that none takes are 0.
 * @throws NumberOutOfRange, NumberMisplaced (also where two overlap)
 */
export function packWord(numbers: readonly PlacedNumber[]): bigint {
  const taken = new Set<number>();
  return numbers.reduce((word, { kind, lane, value, signed }) => {
    const placed = signed ? placeSigned(kind, lane, value) : placeNumber(kind, lane, value);
    for (let place = lane; place < lane + NUMBER_LANES[kind]; place++) {
      if (taken.has(place)) throw new NumberMisplaced(kind, lane);
      taken.add(place);
    }
    return word | placed;
  }, 0n);
}

/** How many numbers of a kind a word holds. */
export const numbersPerWord = (kind: NumberKind): number => LANE_COUNT / NUMBER_LANES[kind];

function packAll(kind: NumberKind, values: readonly bigint[], place: typeof placeNumber): bigint[] {
  const perWord = numbersPerWord(kind);
  return Array.from({ length: Math.ceil(values.length / perWord) }, (_, word) =>
    values
      .slice(word * perWord, (word + 1) * perWord)
      .reduce((sum, value, i) => sum | place(kind, i * NUMBER_LANES[kind], value), 0n),
  );
}

/** As many words as numbers of one kind need, first number lowest; places after the last one are 0 as stored. */
export const packNumbers = (kind: NumberKind, values: readonly bigint[]): bigint[] =>
  packAll(kind, values, placeNumber);

/** The same for signed numbers. */
export const packSignedNumbers = (kind: NumberKind, values: readonly bigint[]): bigint[] =>
  packAll(kind, values, placeSigned);

/** All numbers of one kind in words, or the first `count` of them. */
export function unpackNumbers(kind: NumberKind, words: readonly bigint[], count?: number): bigint[] {
  const perWord = numbersPerWord(kind);
  const values = words.flatMap((word) =>
    Array.from({ length: perWord }, (_, i) => readNumber(kind, i * NUMBER_LANES[kind], word)),
  );
  return values.slice(0, count);
}

/** The same for signed numbers. */
export const unpackSignedNumbers = (kind: NumberKind, words: readonly bigint[], count?: number): bigint[] =>
  unpackNumbers(kind, words, count).map((value) => value - signedOffset(kind));
