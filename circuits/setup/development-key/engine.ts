import type { CurveProgram } from "./curve-program.ts";

/** Bytes of a field element. */
export const FIELD_BYTES = 32;
/** Bytes of an affine point, as a zkey holds it: coordinates in Montgomery form, all zero at infinity. */
export const POINT_BYTES = { g1: 64, g2: 128 } as const;
/** r, the order of both groups. */
export const GROUP_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

export type GroupName = keyof typeof POINT_BYTES;

const PAGE = 65_536;
/** What the curve's own constants and scratch take. */
const INITIAL_PAGES = 25;

/** The curve's WebAssembly with our batch loops, and the memory they work in. One per thread. */
export class Engine {
  readonly program: CurveProgram;
  readonly call: Record<string, (...parameters: number[]) => number>;
  readonly #memory = new WebAssembly.Memory({ initial: INITIAL_PAGES });

  constructor(program: CurveProgram) {
    this.program = program;
    const instance = new WebAssembly.Instance(program.module, { env: { memory: this.#memory } });
    this.call = instance.exports as Record<string, (...parameters: number[]) => number>;
  }

  run(name: string, ...parameters: number[]): number {
    const found = this.call[name];
    if (found === undefined)
      throw new TypeError(`the curve has no function ${name}: ffjavascript is not version 0.3.1`);
    return found(...parameters);
  }

  /** Addresses are multiples of 8, so a selection's lowest bit is free. What is allocated stays until `release`. */
  allocate(bytes: number): number {
    const top = new Uint32Array(this.#memory.buffer, 0, 1);
    const address = Math.ceil((top[0] as number) / 8) * 8;
    const end = address + bytes;
    if (end > this.#memory.buffer.byteLength)
      this.#memory.grow(Math.ceil((end - this.#memory.buffer.byteLength) / PAGE));
    new Uint32Array(this.#memory.buffer, 0, 1)[0] = end;
    return address;
  }

  /** Where the next allocation would start; `release(mark)` frees everything allocated since. */
  mark(): number {
    return new Uint32Array(this.#memory.buffer, 0, 1)[0] as number;
  }

  release(mark: number): void {
    new Uint32Array(this.#memory.buffer, 0, 1)[0] = mark;
  }

  /** The curve's own batch functions take scratch memory above the mark and do not grow it: this makes room. */
  reserve(bytes: number): void {
    const mark = this.mark();
    this.allocate(bytes);
    this.release(mark);
  }

  /** A view of memory, valid until the next allocation. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  words(address: number, count: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, address, count);
  }

  put(bytes: Uint8Array): number {
    const address = this.allocate(bytes.length);
    this.bytes(address, bytes.length).set(bytes);
    return address;
  }

  /** A field element as 32 bytes, least significant first; not in Montgomery form. */
  putScalar(value: bigint): number {
    return this.put(scalarBytes(value));
  }

  putMontgomery(value: bigint): number {
    const address = this.putScalar(value);
    this.run("frm_toMontgomery", address, address);
    return address;
  }
}

export function scalarBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(FIELD_BYTES);
  let rest = value;
  for (let at = 0; at < FIELD_BYTES; at++) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

export const inverseOf = (value: bigint): bigint => power(value, GROUP_ORDER - 2n);

export function power(base: bigint, exponent: bigint): bigint {
  let [result, square, rest] = [1n, base % GROUP_ORDER, exponent];
  while (rest > 0n) {
    if (rest & 1n) result = (result * square) % GROUP_ORDER;
    square = (square * square) % GROUP_ORDER;
    rest >>= 1n;
  }
  return result;
}
