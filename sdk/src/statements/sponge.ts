import { Field } from "@noble/curves/abstract/modular";
import { grainGenConstants, poseidon } from "@noble/curves/abstract/poseidon";
import { DOMAINS, type Domain, FIELD_MODULUS, SPONGE_RATE } from "../protocol.ts";

/** An element is not a canonical member of the scalar field. */
export class FieldElementOutOfRange extends Error {
  override name = "FieldElementOutOfRange";
  constructor(position: number, value: bigint) {
    super(`element ${position} is ${value}; a field element is 0 to r - 1: reduce it at its source, never silently`);
  }
}

/**
 * The permutation of circomlib's `PoseidonEx(16)`: width 17, x⁵, 8 full and 68 partial rounds, constants and matrix
 * from the Grain generator of the Poseidon paper. Building the constants takes some tenths of a second, so it waits
 * for the first use.
 */
let permutation: ((state: bigint[]) => bigint[]) | undefined;

function buildPermutation(): (state: bigint[]) => bigint[] {
  const shape = {
    Fp: Field(FIELD_MODULUS),
    t: SPONGE_RATE + 1,
    roundsFull: 8,
    roundsPartial: 68,
    sboxPower: 5,
  };
  return poseidon({ ...shape, ...grainGenConstants(shape) });
}

/** What a sponge's capacity starts as. */
export const initialCapacity = (domain: Domain, length: number): bigint =>
  (BigInt(DOMAINS[domain]) << 32n) + BigInt(length);

/**
 * Poseidon in overwrite mode, rate 16, capacity one element; the last block is filled with zeros.
 * @param capacity where the sponge stands
 * @param elements integers in [0, r)
 * @returns the capacity after the last permutation, in [0, r)
 */
export function absorb(capacity: bigint, elements: readonly bigint[]): bigint {
  permutation ??= buildPermutation();
  elements.forEach((value, position) => {
    if (value < 0n || value >= FIELD_MODULUS) throw new FieldElementOutOfRange(position, value);
  });
  let end = capacity;
  for (let start = 0; start < elements.length; start += SPONGE_RATE) {
    const block = Array.from({ length: SPONGE_RATE }, (_, offset) => elements[start + offset] ?? 0n);
    end = permutation([end, ...block])[0] as bigint;
  }
  return end;
}

/**
 * Sponge(s) of SYSTEM §3: the capacity starts as domain · 2³² + length, and is the commitment in the end.
 * @param domain what is committed to
 */
export const sponge = (domain: Domain, elements: readonly bigint[]): bigint =>
  absorb(initialCapacity(domain, elements.length), elements);

/** A signed integer as a member of the field, the way a circuit sees it. */
export const toField = (value: bigint): bigint => (value < 0n ? value + FIELD_MODULUS : value);
