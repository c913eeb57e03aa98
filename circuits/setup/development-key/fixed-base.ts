/**
 * Multiples of a group's generator by many scalars. A scalar is cut into signed digits of `windowBits`; a table holds
 * every digit's multiple for every position, so a product is one addition per digit, with no doubling. Additions of a
 * whole batch are affine and share one inversion. Wide windows pay here: 16 bits halve the additions of 8 bits, and
 * half a million table entries cost as much as 32,000 products.
 *
 * Two equal or opposite points never meet in an addition. Before digit d of position k the sum is s·G with
 * |s| < 2^(k w) ≤ |d| 2^(k w), so they differ as integers; and modulo r only for the topmost digit of a single scalar
 * per window width. That addition traps rather than giving a wrong point; scalars come from a hash.
 */
import { type Engine, FIELD_BYTES, type GroupName, POINT_BYTES } from "./engine.ts";

/** Scalars are below 2²⁵⁴; the carry out of signed digits takes one bit more. */
const DIGIT_BITS = 255;
const MAX_WINDOW_BITS = 16;
const MIN_WINDOW_BITS = 4;
/** Additions in one batch: enough to make its inversion cheap, few enough to stay in the second-level cache. */
const BATCH = 1_024;

export const windowCount = (windowBits: number): number => Math.ceil(DIGIT_BITS / windowBits);
export const windowBytes = (group: GroupName, windowBits: number): number => 2 ** (windowBits - 1) * POINT_BYTES[group];
export const tableBytes = (group: GroupName, windowBits: number): number =>
  windowCount(windowBits) * windowBytes(group, windowBits);

/** The window width with the fewest additions for a number of scalars, table included. */
export function bestWindowBits(scalars: number): number {
  let best = MIN_WINDOW_BITS;
  const additions = (bits: number): number => windowCount(bits) * (scalars + 2 ** (bits - 1));
  for (let bits = MIN_WINDOW_BITS + 1; bits <= MAX_WINDOW_BITS; bits++)
    if (additions(bits) < additions(best)) best = bits;
  return best;
}

/** The multiples 1 to 2^(windowBits − 1) of 2^(windowBits · position) times the generator. */
export function tableWindow(engine: Engine, group: GroupName, windowBits: number, position: number): Uint8Array {
  const mark = engine.mark();
  const size = POINT_BYTES[group];
  const prefix = `${group}m`;
  const base = engine.put(engine.program.generators[group]);
  const scratch = engine.allocate((size / 2) * 3);
  const factor = engine.putScalar(1n << BigInt(windowBits * position));
  engine.run(`${prefix}_timesScalar`, base, factor, FIELD_BYTES, scratch);

  const count = 2 ** (windowBits - 1);
  const table = engine.allocate(count * size);
  const adder = new BatchAdder(engine, group, count);
  engine.run(`${prefix}_toAffine`, scratch, table);
  // from the multiples 1 … known: known + 1 … 2 known − 1 by adding the last of them, and 2 known by doubling it
  for (let known = 1; known < count; known *= 2) {
    const last = table + (known - 1) * size;
    const next = table + known * size;
    engine.bytes(next, (known - 1) * size).set(engine.bytes(table, (known - 1) * size));
    adder.selections(known - 1).fill(last);
    adder.add(next, known - 1);
    engine.run(`${prefix}_doubleAffine`, last, scratch);
    engine.run(`${prefix}_toAffine`, scratch, table + (2 * known - 1) * size);
  }
  const result = engine.bytes(table, count * size).slice();
  engine.release(mark);
  return result;
}

/** A table copied into an engine's memory. */
export class FixedBase {
  readonly #engine: Engine;
  readonly #group: GroupName;
  readonly #windowBits: number;
  readonly #table: number;

  constructor(engine: Engine, group: GroupName, windowBits: number, table: Uint8Array) {
    this.#engine = engine;
    this.#group = group;
    this.#windowBits = windowBits;
    this.#table = engine.put(table);
  }

  /** @param scalars 32 bytes each, least significant first, below r; @returns affine points, infinity for zero */
  multiply(scalars: Uint8Array): Uint8Array {
    const engine = this.#engine;
    const mark = engine.mark();
    const size = POINT_BYTES[this.#group];
    const count = scalars.length / FIELD_BYTES;
    const points = new Uint8Array(count * size);
    const windows = windowCount(this.#windowBits);
    const stride = windowBytes(this.#group, this.#windowBits);
    const sums = engine.allocate(BATCH * size);
    const adder = new BatchAdder(engine, this.#group, BATCH);
    const digits = new Int32Array(windows * BATCH);

    for (let from = 0; from < count; from += BATCH) {
      const batch = Math.min(BATCH, count - from);
      for (let at = 0; at < batch; at++) writeDigits(scalars, from + at, this.#windowBits, digits, at);
      engine.bytes(sums, batch * size).fill(0);
      for (let position = 0; position < windows; position++) {
        const selections = adder.selections(batch);
        const window = this.#table + position * stride;
        for (let at = 0; at < batch; at++) {
          const digit = digits[position * BATCH + at] as number;
          selections[at] = digit > 0 ? window + (digit - 1) * size : digit < 0 ? window + (-digit - 1) * size + 1 : 0;
        }
        adder.add(sums, batch);
      }
      points.set(engine.bytes(sums, batch * size), from * size);
    }
    engine.release(mark);
    return points;
  }
}

/** Digits of scalar `index`, lowest first, each in [−2^(w−1), 2^(w−1)], into digits[position · BATCH + at]. */
function writeDigits(scalars: Uint8Array, index: number, windowBits: number, digits: Int32Array, at: number): void {
  const start = index * FIELD_BYTES;
  const half = 2 ** (windowBits - 1);
  const windows = windowCount(windowBits);
  let carry = 0;
  for (let position = 0; position < windows; position++) {
    const bit = position * windowBits;
    let value = 0;
    for (let byte = 0; byte < 3; byte++) {
      const offset = (bit >>> 3) + byte;
      if (offset < FIELD_BYTES) value |= (scalars[start + offset] as number) << (8 * byte);
    }
    let digit = ((value >>> (bit & 7)) & (2 * half - 1)) + carry;
    carry = digit > half ? 1 : 0;
    if (carry) digit -= 2 * half;
    digits[position * BATCH + at] = digit;
  }
}

/** Scratch for `g_addSelected`, and the call. */
class BatchAdder {
  readonly #engine: Engine;
  readonly #function: string;
  readonly #selections: number;
  readonly #inverses: number;

  constructor(engine: Engine, group: GroupName, capacity: number) {
    const field = POINT_BYTES[group] / 2;
    this.#engine = engine;
    this.#function = `${group}m_addSelected`;
    this.#selections = engine.allocate(capacity * 4);
    this.#inverses = engine.allocate(capacity * field);
    engine.reserve((capacity + 2) * field);
  }

  selections(count: number): Uint32Array {
    return this.#engine.words(this.#selections, count);
  }

  add(sums: number, count: number): void {
    if (count > 0) this.#engine.run(this.#function, sums, this.#selections, count, this.#inverses);
  }
}
