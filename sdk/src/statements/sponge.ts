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

/**
 * Sponge(s) of SYSTEM §3: Poseidon in overwrite mode, rate 16, capacity one element that starts as
 * domain · 2³² + length; the last block is filled with zeros; the result is the capacity after the last permutation.
 * @param domain what is committed to
 * @param elements integers in [0, r)
 * @returns the commitment, in [0, r)
 */
export function sponge(domain: Domain, elements: readonly bigint[]): bigint {
  permutation ??= buildPermutation();
  let capacity = (BigInt(DOMAINS[domain]) << 32n) + BigInt(elements.length);
  elements.forEach((value, position) => {
    if (value < 0n || value >= FIELD_MODULUS) throw new FieldElementOutOfRange(position, value);
  });
  for (let start = 0; start < elements.length; start += SPONGE_RATE) {
    const block = Array.from({ length: SPONGE_RATE }, (_, offset) => elements[start + offset] ?? 0n);
    capacity = permutation([capacity, ...block])[0] as bigint;
  }
  return capacity;
}

/** A signed integer as a member of the field, the way a circuit sees it. */
export const toField = (value: bigint): bigint => (value < 0n ? value + FIELD_MODULUS : value);
