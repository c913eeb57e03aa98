import { describe, expect, it } from "vitest";
import { packLanes, WordOutOfRange } from "./lanes.ts";
import { seededDraws } from "./model/seededDraws.ts";
import {
  NumberMisplaced,
  NumberOutOfRange,
  numberLimit,
  numbersPerWord,
  packNumbers,
  packSignedNumbers,
  packWord,
  placeNumber,
  placeSigned,
  readNumber,
  readSigned,
  signedOffset,
  unpackNumbers,
  unpackSignedNumbers,
} from "./numbers.ts";
import { LANE_LIMIT, WORD_LIMIT } from "./protocol.ts";

const kinds = ["lane", "pair", "triple", "quad"] as const;

describe("placeNumber, readNumber", () => {
  it("default: the lowest lane comes first", () => {
    const value = 5n + 7n * LANE_LIMIT + 11n * LANE_LIMIT ** 2n + 13n * LANE_LIMIT ** 3n;
    expect(placeNumber("quad", 4, value)).toBe(packLanes([0n, 0n, 0n, 0n, 5n, 7n, 11n, 13n]));
    expect(readNumber("pair", 5, packLanes([0n, 0n, 0n, 0n, 0n, 7n, 11n]))).toBe(7n + 11n * LANE_LIMIT);
  });
  it.each(kinds)("behavior: both ends of a %s come back, and nothing beyond them", (kind) => {
    for (const value of [0n, 1n, numberLimit(kind) - 1n]) {
      expect(readNumber(kind, 2, placeNumber(kind, 2, value))).toBe(value);
    }
    for (const value of [-signedOffset(kind), -1n, 0n, signedOffset(kind) - 1n]) {
      expect(readSigned(kind, 2, placeSigned(kind, 2, value))).toBe(value);
    }
    expect(() => placeNumber(kind, 0, -1n)).toThrow(NumberOutOfRange);
    expect(() => placeNumber(kind, 0, numberLimit(kind))).toThrow(NumberOutOfRange);
    expect(() => placeSigned(kind, 0, signedOffset(kind))).toThrow(NumberOutOfRange);
    expect(() => placeSigned(kind, 0, -signedOffset(kind) - 1n)).toThrow(NumberOutOfRange);
  });
  it("behavior: offsets are those of N-1", () => {
    expect(placeSigned("pair", 0, 0n)).toBe(1n << 41n);
    expect(placeSigned("triple", 0, 0n)).toBe(1n << 62n);
  });
  it("error: NumberMisplaced", () => {
    expect(() => placeNumber("quad", 9, 1n)).toThrow(NumberMisplaced);
    expect(() => readNumber("pair", -1, 1n)).toThrow(NumberMisplaced);
    expect(readNumber("quad", 8, WORD_LIMIT - 1n)).toBe(numberLimit("quad") - 1n);
  });
  it("error: WordOutOfRange", () => {
    expect(() => readNumber("lane", 0, WORD_LIMIT)).toThrow(WordOutOfRange);
    expect(() => readNumber("lane", 0, -1n)).toThrow(WordOutOfRange);
  });
});

describe("packWord", () => {
  it("default: kinds side by side", () => {
    const word = packWord([
      { kind: "quad", lane: 0, value: 3n },
      { kind: "pair", lane: 4, value: -2n, signed: true },
      { kind: "lane", lane: 6, value: 9n },
    ]);
    expect(word).toBe(packLanes([3n, 0n, 0n, 0n, LANE_LIMIT - 2n, LANE_LIMIT / 2n - 1n, 9n]));
  });
  it("error: NumberMisplaced where two overlap", () => {
    const overlapping = [
      { kind: "quad", lane: 0, value: 3n },
      { kind: "pair", lane: 3, value: 2n },
    ] as const;
    expect(() => packWord(overlapping)).toThrow(NumberMisplaced);
  });
});

describe("packNumbers, unpackNumbers", () => {
  it.each(kinds)("default: seeded %ss come back, signed and not", (kind) => {
    const { integer } = seededDraws(7);
    const draw = () => (BigInt(integer(0, 2 ** 31)) * numberLimit(kind)) / (1n << 32n);
    const values = Array.from({ length: numbersPerWord(kind) * 2 + 1 }, draw);
    expect(packNumbers(kind, values)).toHaveLength(3);
    expect(unpackNumbers(kind, packNumbers(kind, values), values.length)).toEqual(values);
    const signed = values.map((value) => value - signedOffset(kind));
    expect(unpackSignedNumbers(kind, packSignedNumbers(kind, signed), signed.length)).toEqual(signed);
  });
  it("behavior: places after the last number are 0 as stored", () => {
    const [word] = packSignedNumbers("pair", [0n]) as [bigint];
    expect(word).toBe(1n << 41n);
    expect(unpackSignedNumbers("pair", [word])).toEqual([0n, ...Array.from({ length: 5 }, () => -(1n << 41n))]);
  });
});
